// Shared by the scripts of this folder: the address of the platform, and the requests of the contract.
//
// If a person runs a script, it reads the variables API_URL and AUTH_TOKEN, and the operations in reference.json. With
// `--examday-engine k6` it reads a folder with the plan instead (EXAMDAY_PLAN).
import http from 'k6/http';
import { check } from 'k6';
import { search, truthy } from './jmespath.js';
import { uuidv4 } from './uuid.js';
import { refusalWords } from './words.js';

export const PLANNED = Boolean(__ENV.EXAMDAY_PLAN);

if (!PLANNED && !__ENV.AUTH_TOKEN) {
  throw new Error('AUTH_TOKEN is not set: export AUTH_TOKEN="<an access token of a candidate>"');
}

export const PLAN = PLANNED
  ? JSON.parse(open(`${__ENV.EXAMDAY_PLAN}/plan.json`))
  : {
      api_url: __ENV.API_URL || 'http://127.0.0.1:8000',
      timeout_ms: 60000,
      contract: JSON.parse(open('./reference.json')),
    };

const API_URL = PLAN.api_url.replace(/\/+$/, '');
const CONTRACT = PLAN.contract;

// A load without requests or checks proves nothing, so it must not pass.
export const thresholds = {
  http_req_duration: ['p(95)<500'],
  http_req_failed: ['rate<0.01'],
  http_reqs: ['count>0'],
  checks: ['rate>0.99'],
};

function fill(template, values) {
  if (Array.isArray(template)) {
    return template.map((item) => fill(item, values));
  }
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, fill(item, values)]));
  }
  if (typeof template !== 'string') {
    return template;
  }
  const whole = /^\{(\w+)\}$/.exec(template);
  return whole ? values[whole[1]] : template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// Whether the platform has this operation.
export const has = (operation) => operation in CONTRACT.operations;

// Whether the contract says where this value is.
export const finds = (operation, name) => Boolean(CONTRACT.operations[operation].finds[name]);

// The value that the contract finds under this name in the reply; null if there is none.
export function find(operation, name, body) {
  const tree = CONTRACT.operations[operation].finds[name];
  return tree ? search(tree, body) : null;
}

function classify(operation, status, body) {
  if (status === 429) {
    return 'limited';
  }
  if (operation.success.includes(status)) {
    return operation.success_when && !truthy(search(operation.success_when, body)) ? 'unexpected' : 'ok';
  }
  return status >= 500 || status === 408 || status === 425 ? 'server_error' : 'client_error';
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not JSON: the contract can find nothing in it
  }
}

const REQUEST_TIMEOUT = 1050;
const DIAL_TIMEOUT = 1211;

// k6's codes below 1400 and from 1600 on say that no whole reply came (grafana.com/docs/k6, "Error codes").
function broken(response) {
  const code = response.error_code;
  return response.status === 0 || (code > 0 && code < 1400) || code >= 1600;
}

function headersOf(operation, values, requestId, token, { key, close }) {
  const own = fill(operation.headers ?? {}, values);
  const headers = { [CONTRACT.request_id_header]: requestId, Accept: '*/*', ...own };
  if (token) {
    const line = CONTRACT.token_header ?? 'Authorization: Bearer {token}';
    const colon = line.indexOf(':');
    headers[line.slice(0, colon)] = fill(line.slice(colon + 1).trim(), { token });
  }
  if (key && CONTRACT.idempotency_header) {
    headers[CONTRACT.idempotency_header] = key;
  }
  if (close) {
    headers.Connection = 'close';
  }
  return headers;
}

// A form as a browser sends it; a value that is null is left out.
function encoded(form, values) {
  return Object.entries(fill(form, values))
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

function bodyOf(operation, values) {
  if (operation.form) {
    return [encoded(operation.form, values), 'application/x-www-form-urlencoded'];
  }
  return operation.body === null ? [null] : [JSON.stringify(fill(operation.body, values)), 'application/json'];
}

// Send the operation of this name once. `options.close` asks the server to close the connection afterwards. `started`
// is in seconds since the epoch, `ms` in milliseconds.
export async function send(name, given, token = null, options = {}) {
  const values = { ...given, key: options.key ?? uuidv4() }; // a body may carry the idempotency key
  const operation = CONTRACT.operations[name];
  const requestId = `ed-${uuidv4().replace(/-/g, '')}`;
  const headers = headersOf(operation, values, requestId, token, options);
  const [body, kind] = bodyOf(operation, values);
  if (kind) {
    headers['Content-Type'] = kind;
  }
  const path = fill(operation.path, values);
  const started = Date.now();
  const response = await http.asyncRequest(operation.method, API_URL + path, body, {
    headers,
    timeout: PLAN.timeout_ms,
    redirects: 0,
    responseType: 'text',
    tags: { name },
  });
  const answer = { request_id: requestId, started: started / 1000, status: null, body: null, retry_after: null };
  if (broken(response)) {
    answer.outcome = [REQUEST_TIMEOUT, DIAL_TIMEOUT].includes(response.error_code) ? 'timeout' : 'transport';
    answer.ms = Date.now() - started;
    return answer;
  }
  answer.status = response.status;
  const named = Object.entries(response.headers).find(
    ([name]) => name.toLowerCase() === CONTRACT.request_id_header.toLowerCase(),
  );
  answer.returned_id = named && named[1] !== requestId && named[1].length <= 200 ? named[1] : null;
  answer.body = parsed(response.body);
  answer.outcome = classify(operation, response.status, answer.body);
  const text = answer.outcome === 'unexpected' ? '' : response.body ?? '';
  answer.said = answer.outcome === 'ok' ? '' : refusalWords(answer.body, text);
  answer.ms = response.timings.blocked + response.timings.duration;
  const retryAfter = response.headers['Retry-After'];
  answer.retry_after = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  return answer;
}

// A k6 check that the platform accepted the request; for scripts that a person runs.
export function accepted(answer) {
  return check(answer, { accepted: (given) => given.outcome === 'ok' });
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Shared by the scripts of this folder: addresses, tokens, request ids.
import { check } from 'k6';
import { uuidv4 } from './uuid.js';

export const API_URL = (__ENV.API_URL || 'http://127.0.0.1:8000').replace(/\/+$/, '');

if (!__ENV.AUTH_TOKEN) {
  throw new Error('AUTH_TOKEN is not set: export AUTH_TOKEN="<an access token of a candidate>"');
}

// Without a delivered load nothing is proven: zero checks or zero requests must not pass.
export const thresholds = {
  http_req_duration: ['p(95)<500'],
  http_req_failed: ['rate<0.01'],
  http_reqs: ['count>0'],
  checks: ['rate>0.99'],
};

export function headers(key) {
  const made = {
    Authorization: `Bearer ${__ENV.AUTH_TOKEN}`,
    'Content-Type': 'application/json',
    'X-Request-ID': `k6-${uuidv4()}`,
  };
  if (key) {
    made['Idempotency-Key'] = key;
  }
  return { headers: made };
}

export function accepted(response, ...statuses) {
  return check(response, { accepted: (answer) => statuses.includes(answer.status) });
}

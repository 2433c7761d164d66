// The platform's own words in a reply that was no success.
// `pytest_examday/contract/refusal_words.py` does the same for the built-in engine.
const TOLD = ['detail', 'message', 'msg', 'error', 'title', 'reason', 'description'];
const CHARACTERS = 120;

const MARKUP = /<!--[^]*?-->|<(head|script|style)\b[^]*?(?:<\/\1>|$)|<[^>]*>?/gi;

// The words in the JSON body, else the text that is no JSON, on one line and cut; of a web page those that a person
// sees. Empty if there are none.
export function refusalWords(body, text) {
  const said = (found(body) || seen(text)).split(/\s+/).filter(Boolean).join(' ');
  return said.length <= CHARACTERS ? said : `${said.slice(0, CHARACTERS)}…`;
}

function seen(text) {
  const begin = text.slice(0, 1000);
  if (/^\s*[{[]/.test(begin) || text.trim() === 'null') {
    return '';
  }
  return /<html/i.test(begin) ? begin.replace(MARKUP, ' ') : begin;
}

function found(body) {
  if (typeof body === 'string') {
    return body;
  }
  if (Array.isArray(body)) {
    return body.map(found).find(Boolean) ?? '';
  }
  if (typeof body !== 'object' || body === null) {
    return '';
  }
  return TOLD.filter((key) => key in body).map((key) => found(body[key])).find(Boolean) ?? '';
}

// How a request ended, with the platform's own words, in which no secret may be repeated.
export function inWords(answer, secrets) {
  if (answer.status === null) {
    return answer.outcome;
  }
  const said = secrets.filter(Boolean).reduce((words, secret) => words.split(secret).join('[hidden]'), answer.said);
  return said ? `HTTP ${answer.status} "${said}"` : `HTTP ${answer.status}`;
}

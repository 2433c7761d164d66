// Session creation burst: k6 run --vus 400 --duration 5m sessions.js
import { accepted, send, sleep, thresholds } from './lib.js';
import { uuidv4 } from './uuid.js';

export const options = { thresholds };

// Create a session. A second request with the same key returns the same session.
export function create(values, token, options) {
  return send('create', values, token, options);
}

export default async function () {
  accepted(await create({ question_count: Number(__ENV.QUESTIONS || 20) }, __ENV.AUTH_TOKEN, { key: uuidv4() }));
  await sleep(1000 + Math.random() * 2000);
}

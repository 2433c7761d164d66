// Submit spike with retries: SESSION_IDS="id1,id2" k6 run --vus 400 --duration 10m submit.js
// Every session is submitted twice, and the second reply has to be equal to the first.
import { check } from 'k6';
import { PLANNED, accepted, send, sleep, thresholds } from './lib.js';
import { uuidv4 } from './uuid.js';

export const options = { thresholds };

const IDS = (__ENV.SESSION_IDS || '').split(',').filter((id) => id.length > 0);
if (!PLANNED && IDS.length === 0) {
  throw new Error('SESSION_IDS is not set: export SESSION_IDS="id1,id2,id3"');
}

// Submit a session. A second request with the same key returns the same submission.
export function submit(values, token, options) {
  return send('submit', values, token, options);
}

const same = (one, other) => JSON.stringify(one.body) === JSON.stringify(other.body);

export default async function () {
  const values = { session_id: IDS[(__VU - 1 + __ITER) % IDS.length] };
  const key = uuidv4();
  const first = await submit(values, __ENV.AUTH_TOKEN, { key });
  const second = await submit(values, __ENV.AUTH_TOKEN, { key });
  accepted(first);
  check(second, { 'same reply again': (given) => given.outcome === 'ok' && same(given, first) });
  await sleep(1000 + Math.random() * 4000);
}

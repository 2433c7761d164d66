// Submit spike with retries: SESSION_IDS="id1,id2" k6 run --vus 400 --duration 10m submit.js
// Every session is submitted twice: the second answer must equal the first.
import http from 'k6/http';
import { check, sleep } from 'k6';
import { API_URL, accepted, headers, thresholds } from './lib.js';
import { uuidv4 } from './uuid.js';

export const options = { thresholds };

const IDS = (__ENV.SESSION_IDS || '').split(',').filter((id) => id.length > 0);
if (IDS.length === 0) {
  throw new Error('SESSION_IDS is not set: export SESSION_IDS="id1,id2,id3"');
}

export default function () {
  const id = IDS[(__VU - 1 + __ITER) % IDS.length];
  const key = uuidv4();
  const first = http.post(`${API_URL}/v1/sessions/${id}/submit`, '{}', headers(key));
  const second = http.post(`${API_URL}/v1/sessions/${id}/submit`, '{}', headers(key));
  accepted(first, 200);
  check(second, { 'same answer again': (answer) => answer.status === 200 && answer.body === first.body });
  sleep(1 + Math.random() * 4);
}

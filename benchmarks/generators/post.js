// The same request by k6.
import http from 'k6/http';
import { sleep } from 'k6';

const BODY = JSON.stringify({ question_id: 'q1', choice: 'B', sequence: 1, marked: false });
const HEADERS = { headers: { 'Content-Type': 'application/json', Authorization: 'Bearer t-1' } };
const LOW = Number(__ENV.LOW);
const HIGH = Number(__ENV.HIGH);

export default function () {
  if (HIGH > 0 && __ITER === 0) sleep(Math.random() * HIGH);
  http.post(`${__ENV.URL}/v1/sessions/s-1/answers`, BODY, HEADERS).json();
  if (HIGH > 0) sleep(LOW + Math.random() * (HIGH - LOW));
}

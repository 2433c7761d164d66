// The same request by k6: as often as RATE says, or as often as its virtual users can.
import http from 'k6/http';
import { sleep } from 'k6';

const BODY = JSON.stringify({ question_id: 'q1', choice: 'B', sequence: 1, marked: false });
const HEADERS = { headers: { 'Content-Type': 'application/json', Authorization: 'Bearer t-1' } };
const [LOW, HIGH, RATE, USERS] = ['LOW', 'HIGH', 'RATE', 'USERS'].map((name) => Number(__ENV[name]));
const DURATION = `${__ENV.SECONDS}s`;

export const options = {
  scenarios: {
    answers: RATE
      ? { executor: 'constant-arrival-rate', rate: RATE, duration: DURATION, preAllocatedVUs: USERS }
      : { executor: 'constant-vus', vus: USERS, duration: DURATION },
  },
};

export default function () {
  if (HIGH > 0 && __ITER === 0) sleep(Math.random() * HIGH);
  http.post(`${__ENV.URL}/v1/sessions/s-1/answers`, BODY, HEADERS).json();
  if (HIGH > 0) sleep(LOW + Math.random() * (HIGH - LOW));
}

// Session creation burst: k6 run --vus 400 --duration 5m sessions.js
import http from 'k6/http';
import { sleep } from 'k6';
import { API_URL, accepted, headers, thresholds } from './lib.js';
import { uuidv4 } from './uuid.js';

export const options = { thresholds };

export default function () {
  const body = JSON.stringify({ question_count: Number(__ENV.QUESTIONS || 20) });
  accepted(http.post(`${API_URL}/v1/sessions`, body, headers(uuidv4())), 200, 201);
  sleep(1 + Math.random() * 2);
}

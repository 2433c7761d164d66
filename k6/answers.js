// Steady answers: k6 run --vus 300 --duration 30m answers.js
// Each virtual user opens a session of its own and answers its questions, thinking 5 to 30 s (THINK_MIN, THINK_MAX).
import http from 'k6/http';
import { fail, sleep } from 'k6';
import { API_URL, accepted, headers, thresholds } from './lib.js';
import { uuidv4 } from './uuid.js';

export const options = { thresholds };

const THINK_MIN = Number(__ENV.THINK_MIN || 5);
const THINK_MAX = Number(__ENV.THINK_MAX || 30);

let session = null;
let sequence = 0;

function open() {
  const body = JSON.stringify({ question_count: Number(__ENV.QUESTIONS || 20) });
  const response = http.post(`${API_URL}/v1/sessions`, body, headers(uuidv4()));
  if (!accepted(response, 200, 201)) {
    fail(`no session: HTTP ${response.status}`);
  }
  return response.json();
}

export default function () {
  session = session || open();
  const question = session.questions[Math.floor(Math.random() * session.questions.length)];
  const choice = question.choices[Math.floor(Math.random() * question.choices.length)].key;
  sequence += 1;
  const body = JSON.stringify({ question_id: question.question_id, choice, sequence, marked: false });
  accepted(http.post(`${API_URL}/v1/sessions/${session.session_id}/answers`, body, headers()), 200);
  sleep(THINK_MIN + Math.random() * (THINK_MAX - THINK_MIN));
}

// Steady answers: k6 run --vus 300 --duration 30m answers.js
// Each virtual user opens a session of its own and answers its questions. It thinks 5 to 30 s between two answers
// (THINK_MIN, THINK_MAX).
import { fail } from 'k6';
import { accepted, find, send, sleep, thresholds } from './lib.js';
import { create } from './sessions.js';
import { uuidv4 } from './uuid.js';

export const options = { thresholds };

const THINK_MIN = Number(__ENV.THINK_MIN || 5);
const THINK_MAX = Number(__ENV.THINK_MAX || 30);

let session = null;
let sequence = 0;

// Send one answer.
export function answer(values, token, options) {
  return send('answer', values, token, options);
}

async function open() {
  const made = await create({ question_count: Number(__ENV.QUESTIONS || 20) }, __ENV.AUTH_TOKEN, { key: uuidv4() });
  if (!accepted(made)) {
    fail(`no session: ${made.status === null ? made.outcome : `HTTP ${made.status}`}`);
  }
  return { id: find('create', 'session_id', made.body), questions: find('create', 'questions', made.body) };
}

const anyOf = (items) => items[Math.floor(Math.random() * items.length)];

export default async function () {
  session = session || (await open());
  const question = anyOf(session.questions);
  sequence += 1;
  const values = {
    session_id: session.id,
    question_id: question.id,
    value: anyOf(question.choices),
    sequence,
    marked: false,
  };
  accepted(await answer(values, __ENV.AUTH_TOKEN));
  await sleep(1000 * (THINK_MIN + Math.random() * (THINK_MAX - THINK_MIN)));
}

// A whole exam for every candidate of a plan: run by `pytest --examday-engine k6`, or by a k6-operator TestRun.
import exec from 'k6/execution';
import { SharedArray } from 'k6/data';
import { PLAN } from './lib.js';
import { Candidate } from './candidate.js';
import { tell } from './telling.js';

const SCRIPTS = new SharedArray('scripts', () =>
  Array.from({ length: PLAN.parts }, (_, part) =>
    JSON.parse(open(`${__ENV.EXAMDAY_PLAN}/candidates-${part}.json`))
  ).flat()
);
const ACCOUNTS = new SharedArray('accounts', () => JSON.parse(open(__ENV.EXAMDAY_ACCOUNTS)));

export const options = {
  scenarios: {
    exam: {
      executor: 'per-vu-iterations',
      vus: SCRIPTS.length,
      iterations: 1,
      maxDuration: `${PLAN.longest_seconds}s`,
      gracefulStop: '0s',
    },
  },
  systemTags: ['status', 'name', 'error_code', 'scenario'],
  noCookiesReset: true,
};

// Runs once in every k6, whose virtual users then begin the exam together. The operator starts all runners of a TestRun
// at nearly the same moment.
export function setup() {
  const exam = { plan: PLAN.fingerprint, begun: Date.now() + PLAN.lead_ms };
  tell('begun', exam);
  return exam;
}

export default async function ({ plan, begun }) {
  const number = exec.vu.idInTest - 1;
  const script = SCRIPTS[number];
  const account = ACCOUNTS[number];
  if (plan !== PLAN.fingerprint || !script || !account || account.email !== script.email) {
    exec.test.abort(`candidate ${number + 1} has no script or account in this plan`);
  }
  try {
    await new Candidate(number, script, account, begun).live();
  } catch (problem) {
    tell('crashed', { candidate: number, problem: `${problem.name}: ${problem.message}` });
    exec.test.abort(`the script failed: ${problem.message}`);
  }
}

export function handleSummary(data) {
  return __ENV.EXAMDAY_SUMMARY ? { [__ENV.EXAMDAY_SUMMARY]: JSON.stringify(data, null, 1) } : {};
}

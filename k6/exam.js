// A whole exam for every candidate of a plan: run by `pytest --examday-engine k6`, or by a k6-operator TestRun.
import exec from 'k6/execution';
import { SharedArray } from 'k6/data';
import { PLAN } from './lib.js';
import { Candidate } from './candidate.js';
import { tell } from './telling.js';

// Which of the plan's runners this is, from 0. k6-operator numbers its Jobs from 1, and its initializer, which only asks
// for the number of virtual users, has a name without a number: it is none of the runners and reads no slice.
const RUNNER = PLAN.runners === 1 ? 0 : Number((/-(\d+)$/.exec(__ENV.EXAMDAY_RUNNER) || [])[1]) - 1;

// The runner's own slice of the plan: its candidates, in the order of its virtual users.
const slice = (folder, name) =>
  Array.from({ length: PLAN.parts[RUNNER] || 0 }, (_, part) =>
    JSON.parse(open(`${folder}/${name}-${RUNNER}-${part}.json`))
  ).flat();
const SCRIPTS = new SharedArray('scripts', () => slice(__ENV.EXAMDAY_PLAN, 'candidates'));
const ACCOUNTS = new SharedArray('accounts', () => slice(__ENV.EXAMDAY_ACCOUNTS, 'accounts'));

export const options = {
  scenarios: {
    exam: {
      executor: 'per-vu-iterations',
      vus: PLAN.candidates,
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
  const place = Math.floor(number / PLAN.runners);
  const script = number % PLAN.runners === RUNNER ? SCRIPTS[place] : undefined;
  const account = ACCOUNTS[place];
  if (plan !== PLAN.fingerprint || !script || !account || account.email !== script.email) {
    exec.test.abort(`candidate ${number + 1} has no script or account in this plan: is EXAMDAY_RUNNER the runner's name?`);
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

// One action of a candidate: attempts until one is accepted, each of them a sample.
import { PLAN, sleep } from './lib.js';
import { tell } from './telling.js';

const BACK_OFF_MS = [200, 2000];
const WORDS = { client_error: 'was refused with', unexpected: 'got an answer that it cannot use with' };
const OPEN = ['timeout', 'transport', 'server_error', 'unexpected']; // the write may be stored all the same

// The candidate's patience ended, or the platform said a definitive no.
export class GaveUp extends Error {}

// A definitive no to a write that was never left unanswered, so it cannot have been stored.
export class Refused extends GaveUp {
  constructor(message, requestId) {
    super(message);
    this.request_id = requestId;
  }
}

const last = (answer) => (answer.status === null ? answer.outcome : `HTTP ${answer.status}`);
const round = (ms) => Math.round(ms * 1000) / 1000;

export class Attempts {
  constructor(candidate) {
    this.candidate = candidate;
    this.worst = [0, null];
    this.requests = 0;
    this.lostConnection = false; // since somebody last looked
  }

  // One request, whatever comes back.
  async once(operation, act) {
    const answer = await act(null);
    this.note(operation, answer, answer.ms);
    return answer;
  }

  // Send until it is accepted: again with back-off after a timeout, reset, 5xx or 429. `token` gives one that is still
  // good; `due` is when the action should have begun (ms since the epoch), now unless given.
  async persist(operation, act, token, due = null) {
    const begun = Date.now();
    let unanswered = false;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await act(await this.good(token, unanswered));
      const ended = Math.max(answer.started * 1000 + answer.ms, Date.now());
      const waited = ended - begun;
      const definitive = answer.outcome in WORDS;
      const over = answer.outcome === 'ok' || definitive || waited > PLAN.patience_ms;
      this.note(operation, answer, over ? ended - (due ?? begun) : null);
      if (over) {
        this.remember(waited, operation);
      }
      if (answer.outcome === 'ok') {
        return answer;
      }
      unanswered = unanswered || OPEN.includes(answer.outcome);
      this.lostConnection = this.lostConnection || answer.outcome === 'transport';
      if (definitive) {
        const message = `${operation} ${WORDS[answer.outcome]} HTTP ${answer.status}`;
        throw unanswered ? new GaveUp(message) : new Refused(message, answer.request_id);
      }
      if (over) {
        throw new GaveUp(`${operation} failed for ${(waited / 1000).toFixed(0)} s, at last with ${last(answer)}`);
      }
      await sleep(this.pause(attempt, answer));
    }
  }

  // That no token is given says nothing about a write that an earlier attempt may have stored.
  async good(token, unanswered) {
    try {
      return token === null ? null : await token();
    } catch (end) {
      throw end instanceof Refused && unanswered ? new GaveUp(end.message) : end;
    }
  }

  pause(attempt, answer) {
    const [low, high] = BACK_OFF_MS;
    const backOff = Math.min(low * 2 ** attempt, high) * (0.5 + Math.random());
    return answer.retry_after ? answer.retry_after * 1000 : backOff;
  }

  note(operation, answer, responseMs) {
    const response = responseMs === null ? null : round(Math.max(responseMs, answer.ms));
    this.requests += 1;
    tell('sample', [
      operation, this.candidate, answer.started, round(answer.ms), answer.status, answer.outcome, answer.request_id,
      response,
    ]);
  }

  remember(waited, operation) {
    if (waited > this.worst[0]) {
      this.worst = [waited, operation];
    }
  }
}

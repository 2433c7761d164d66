// One action of a candidate: attempts until one is accepted, each of them a sample.
import { PLAN, sleep } from './lib.js';
import { tell } from './telling.js';

const BACK_OFF_MS = [200, 2000];
const WORDS = { client_error: 'was refused with', unexpected: 'got an unusable answer with' };
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

  // Send until it is accepted: again with back-off after a timeout, reset, 5xx or 429, and once at once with a new token
  // after a 401. `pass` has the tokens; `due` is when the action should have begun (ms since the epoch), now unless given.
  async persist(operation, act, pass, due = null) {
    const begun = Date.now();
    let unanswered = false;
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      const token = await this.good(pass, unanswered);
      const answer = await act(token);
      if (answer.status === 401 && answer.outcome === 'client_error' && pass !== null && !renewed) {
        answer.outcome = 'expired';
      }
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
        throw this.no(message, answer, unanswered);
      }
      if (over) {
        throw new GaveUp(`${operation} failed for ${(waited / 1000).toFixed(0)} s, at last with ${last(answer)}`);
      }
      if (answer.outcome === 'expired') {
        await this.renew(pass, token, operation, answer, unanswered);
        renewed = true;
      } else {
        await sleep(this.pause(attempt, answer));
      }
    }
  }

  // A definitive no says nothing about a write that an earlier attempt may have stored.
  no(message, answer, unanswered) {
    return unanswered ? new GaveUp(message) : new Refused(message, answer.request_id);
  }

  // A new token for the one that was refused; where there is none to be had, the 401 was the platform's last word.
  async renew(pass, refused, operation, answer, unanswered) {
    try {
      await pass.renewed(refused);
    } catch (end) {
      if (!(end instanceof GaveUp)) {
        throw end;
      }
      throw this.no(`${operation} was refused with HTTP ${answer.status}, and ${end.message}`, answer, unanswered);
    }
  }

  // That no token is given says nothing about a write that an earlier attempt may have stored.
  async good(pass, unanswered) {
    try {
      return pass === null ? null : await pass.token();
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

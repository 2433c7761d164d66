// One action of a candidate: it sends a request until the platform accepts it. Each attempt is a sample.
// `pytest_examday/load/attempts.py` does the same for the built-in engine.
import { PLAN, sleep } from './lib.js';
import { tell } from './telling.js';
import { inWords } from './words.js';

const BACK_OFF_MS = [200, 2000];
const WORDS = { client_error: 'was refused with', conflict: 'was refused with', unexpected: 'got an unusable reply with' };
const UNJUDGED = ['limited', 'conflict']; // neither success nor failure of the platform
const OPEN = ['timeout', 'transport', 'server_error', 'unexpected']; // after these the write may be stored

// The candidate's patience ended, or the platform refused the action for good.
export class GaveUp extends Error {}

// The platform refused for good, and it had answered every attempt before: the write cannot be stored.
export class Refused extends GaveUp {
  constructor(message, requestId) {
    super(message);
    this.request_id = requestId;
  }
}

const round = (ms) => Math.round(ms * 1000) / 1000;

export class Attempts {
  // `secrets` gives what no reply may repeat in a story.
  constructor(candidate, secrets) {
    this.candidate = candidate;
    this.secrets = secrets;
    this.failures = {}; // operation -> its first failed reply, in words
    this.worst = [0, null];
    this.requests = 0;
    this.lostConnection = false; // whoever reads it sets it back
  }

  // Send one request; returns whatever comes back.
  async sendOnce(operation, act) {
    const answer = await act(null);
    this.note(operation, answer, answer.ms);
    return answer;
  }

  // Send the request until the platform accepts it: after a timeout, a broken connection, a 5xx or a 429 again after a
  // pause; after the first 401 at once, with a new token. A pause ends with the candidate's patience at the latest, and the
  // request is then sent a last time. `tokens` supplies the token, null: none is sent. `due` is
  // when the action should have begun (ms since the epoch), by default now. `doubled`, if not null, is shared by two clicks
  // that send the same request at the same moment: a 409 is then no error, because the other one may be the accepted one.
  // Nor is a 429 if the other one is accepted by the time at which this one would be sent again.
  async sendUntilAccepted(operation, act, tokens, due = null, doubled = null) {
    const begun = Date.now();
    let unanswered = false;
    let renewed = false;
    let finalTry = false;
    let longest = 0;
    for (let attempt = 0; ; attempt += 1) {
      const token = await this.good(tokens, unanswered);
      const answer = await act(token);
      if (answer.status === 401 && answer.outcome === 'client_error' && tokens !== null && !renewed) {
        answer.outcome = 'expired';
      } else if (answer.status === 409 && answer.outcome === 'client_error' && doubled !== null) {
        answer.outcome = 'conflict';
      }
      const ended = Math.max(answer.started * 1000 + answer.ms, Date.now());
      const waited = ended - begun;
      let definitive = answer.outcome in WORDS;
      let over = answer.outcome === 'ok' || definitive || finalTry || waited > PLAN.patience_ms;
      let paused = false;
      if (answer.outcome === 'limited' && doubled !== null && !over) {
        finalTry = await this.pauseBeforeNext(attempt, answer, waited);
        paused = true;
        if (doubled.accepted) {
          answer.outcome = 'conflict';
          definitive = true;
          over = true;
        }
      }
      this.note(operation, answer, over ? ended - (due ?? begun) : null);
      if (over) {
        this.remember(waited, operation);
      }
      if (answer.outcome === 'ok') {
        if (doubled !== null) {
          doubled.accepted = true;
        }
        return answer;
      }
      unanswered = unanswered || OPEN.includes(answer.outcome);
      this.lostConnection = this.lostConnection || answer.outcome === 'transport';
      if (definitive) {
        const message = `${operation} ${WORDS[answer.outcome]} ${inWords(answer, this.secrets())}`;
        throw this.no(message, answer, unanswered);
      }
      if (over) {
        const asked = longest > 0 ? `, and the platform asked to wait ${longest} s` : '';
        const seconds = (waited / 1000).toFixed(0);
        const last = `${inWords(answer, this.secrets())}${asked}`;
        throw new GaveUp(`${operation} failed for ${seconds} s, at last with ${last}`);
      }
      if (answer.outcome === 'expired') {
        await this.renew(tokens, token, operation, answer, unanswered);
        renewed = true;
      } else {
        const patience = PLAN.patience_ms - waited;
        if ((answer.retry_after ?? 0) * 1000 > patience) {
          longest = Math.max(longest, answer.retry_after);
        }
        if (!paused) {
          finalTry = await this.pauseBeforeNext(attempt, answer, waited);
        }
      }
    }
  }

  // Wait before the request is sent again, until the candidate's patience ends at the latest; returns whether it ends then.
  async pauseBeforeNext(attempt, answer, waited) {
    const patience = PLAN.patience_ms - waited;
    const pause = this.pause(attempt, answer);
    await sleep(Math.min(pause, patience));
    return pause >= patience;
  }

  // The exception for a final refusal: GaveUp if an earlier attempt may have stored the write, else Refused.
  no(message, answer, unanswered) {
    return unanswered ? new GaveUp(message) : new Refused(message, answer.request_id);
  }

  // Replace the refused token; if none can be got, the 401 is a final refusal.
  async renew(tokens, refused, operation, answer, unanswered) {
    try {
      await tokens.renewed(refused);
    } catch (end) {
      if (!(end instanceof GaveUp)) {
        throw end;
      }
      const message = `${operation} was refused with ${inWords(answer, this.secrets())}, and ${end.message}`;
      throw this.no(message, answer, unanswered);
    }
  }

  // A valid token; throws GaveUp in place of Refused if an earlier attempt may have stored the write.
  async good(tokens, unanswered) {
    try {
      return tokens === null ? null : await tokens.token();
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
    if (answer.outcome !== 'ok' && !UNJUDGED.includes(answer.outcome) && !(operation in this.failures)) {
      this.failures[operation] = inWords(answer, this.secrets());
    }
    tell('sample', [
      operation, this.candidate, answer.started, round(answer.ms), answer.status, answer.outcome, answer.request_id,
      response, answer.returned_id ?? null,
    ]);
  }

  remember(waited, operation) {
    if (waited > this.worst[0]) {
      this.worst = [waited, operation];
    }
  }
}

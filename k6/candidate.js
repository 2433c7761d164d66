// A candidate who sits one exam, with think time, retries and limited patience.
// `pytest_examday/suites/exam/load/candidate.py` does the same for the built-in engine.
import { PLAN, find, finds, has, send, sleep } from './lib.js';
import { Attempts, GaveUp, Refused } from './attempts.js';
import { Ledger } from './ledger.js';
import { create } from './sessions.js';
import { PageComparison } from './page_comparison.js';
import { submit } from './submit.js';
import { tell } from './telling.js';
import { Tokens } from './tokens.js';
import { uuidv4 } from './uuid.js';

const HURRY = 0.5; // share of the think time that a candidate who is behind the schedule still takes
const MARKED = 1; // flags of a step, as k6_files.py packs them
const TWICE = 2;
const CLEARS = 4;

// When an answer came, in seconds since the epoch.
const came = (answer) => answer.started + answer.ms / 1000;

function sessionIn(body) {
  const id = find('create', 'session_id', body);
  if (id === null || id === '' || !['string', 'number'].includes(typeof id)) {
    throw new GaveUp('the reply to create holds no session id');
  }
  return String(id);
}

function questionsIn(operation, body) {
  const found = find(operation, 'questions', body);
  if (!Array.isArray(found) || found.length === 0) {
    throw new GaveUp(`the reply to ${operation} holds no questions`);
  }
  return found.map((one) => questionIn(operation, one));
}

// `sent` is the id as the platform wrote it, and so are the choices: a number is sent back as a number.
function questionIn(operation, found) {
  const { id = null, choices = null } = found ?? {};
  if (id === null || !Array.isArray(choices) || choices.length === 0) {
    throw new GaveUp(`the reply to ${operation} holds a question without id and choices`);
  }
  return { id: String(id), sent: id, choices };
}

export class Candidate {
  constructor(number, script, account, begun) {
    this.number = number;
    this.script = script;
    this.begun = begun;
    this.attempts = new Attempts(script.email, () => [account.password, this.tokens.access, this.tokens.refresh]);
    this.ledger = new Ledger(`k6-${number}`, script.email);
    this.tokens = new Tokens(account, this.attempts);
    this.given = new Map();
    this.pages = new PageComparison(PLAN.asked_for);
    this.session = null;
    this.submittedAt = null;
    this.openedAt = null;
    this.lags = [];
    this.usual = PLAN.submits ? 'sat the exam and submitted' : 'sat the exam';
    this.remark = this.usual;
    this.passwordDoubted = false;
  }

  async live() {
    const { script } = this;
    try {
      await this.until(this.at(script.arrives_at));
      tell('arrived', { candidate: this.number });
      await this.enter();
      await this.openSession();
      await this.work();
      await this.leave();
    } catch (end) {
      if (!(end instanceof GaveUp)) {
        throw end;
      }
      this.remark = end.message;
    }
    this.tellFate();
  }

  // Log in. A refusal for good may be due to a wrong password.
  async enter() {
    try {
      await this.tokens.enter(this.at(this.script.arrives_at));
    } catch (end) {
      this.passwordDoubted = end instanceof Refused;
      throw end;
    }
  }

  tellFate() {
    const [worst, operation] = this.attempts.worst;
    tell('fate', {
      actor: this.script.email,
      subject: this.session === null ? null : this.session.id,
      finished: this.submittedAt !== null,
      finished_at: this.submittedAt,
      worst_wait_ms: Math.round(worst * 10) / 10,
      worst_wait_operation: operation,
      story: this.remark,
      shown_wrongly: this.pages.shownWrongly,
      compared: this.pages.compared,
      not_comparable: this.pages.notComparable,
      shown_end: this.pages.shownEnd,
      right_choices: this.pages.rightChoices,
      password_doubted: this.passwordDoubted,
      failures: this.attempts.failures,
    });
    tell('done', {
      candidate: this.number,
      writes: this.ledger.writes,
      requests: this.attempts.requests,
      lags_ms: this.lags,
    });
  }

  // A moment of the exam, given in ms from its beginning, as ms since the epoch.
  at(ms) {
    return this.begun + ms;
  }

  async until(moment) {
    if (moment <= Date.now()) {
      return;
    }
    await sleep(moment - Date.now());
    this.lags.push(Math.max(0, Date.now() - moment));
  }

  async openSession() {
    const opens = this.at(this.script.opens_at);
    await this.until(opens);
    const due = PLAN.shape === 'start' ? opens : Math.max(opens, Date.now());
    const key = uuidv4().replace(/-/g, '');
    const write = this.ledger.intend('create', this.tokens.owner, null, key);
    const values = { question_count: PLAN.questions };
    const close = this.script.resume_before === 0;
    const made = await this.recorded(write, () =>
      this.attempts.sendUntilAccepted('create', (token) => create(values, token, { key, close }), this.tokens, due)
    );
    const subject = find('create', 'session_id', made.body);
    const asked = find('create', 'questions', made.body);
    const result = Array.isArray(asked) ? asked.map((question) => question?.id).join('\n') : null;
    this.ledger.settle(write, 'acknowledged', made.request_id, { subject, result });
    this.session = { id: sessionIn(made.body), questions: [] };
    this.openedAt = came(made);
    this.notice(this.pages.opened('create', made.body, this.openedAt));
    this.session.questions = await this.questions(made.body);
  }

  // The questions of the new session: from the reply to create, or else from the page of the exam.
  async questions(body) {
    if (finds('create', 'questions')) {
      return questionsIn('create', body);
    }
    const shown = await this.attempts.sendUntilAccepted('read', (token) => send('read', this.own(), token), this.tokens);
    this.notice(this.pages.opened('read', shown.body, came(shown)));
    return questionsIn('read', shown.body);
  }

  async work() {
    const { steps, leaves_at: leavesAt } = this.script;
    let at = this.script.opens_at;
    let ended = Date.now();
    for (let number = 0; 3 * number < steps.length; number += 1) {
      const [think, packed, choice] = steps.slice(3 * number, 3 * number + 3);
      at += think;
      await this.until(Math.max(this.at(at), ended + think * HURRY));
      if (Date.now() >= this.at(leavesAt)) {
        return;
      }
      if (number === this.script.resume_before || this.attempts.lostConnection) {
        await this.resume();
      }
      await this.give(this.at(at), { packed, choice, sequence: number + 1 });
      ended = Date.now();
    }
  }

  // `packed` is the question's number times eight plus three flags; `choice` is in thousandths. The last answer before a
  // resume asks the server to close the connection: only so does k6 give a virtual user a new one. The ledger has an answer
  // that is taken back as an answer without a value.
  async give(due, { packed, choice, sequence }) {
    const { questions } = this.session;
    const question = questions[Math.floor(packed / 8) % questions.length];
    const clears = packed & CLEARS && has('clear') && this.given.has(question.id);
    const chosen = clears ? null : this.choose(question, choice);
    const value = clears ? null : String(chosen);
    const write = this.ledger.intend('answer', this.tokens.owner, this.session.id, question.id, value, sequence);
    const values = {
      session_id: this.session.id,
      question_id: question.sent,
      ...(clears ? {} : { value: chosen }),
      sequence,
      marked: Boolean(packed & MARKED),
    };
    const operation = clears ? 'clear' : 'answer';
    const close = sequence === this.script.resume_before;
    const twice = packed & TWICE;
    const both = twice ? { accepted: false } : null;
    const click = () =>
      this.attempts.sendUntilAccepted(operation, (token) => send(operation, values, token, { close }), this.tokens, due, both);
    const reply = await this.recorded(write, () => this.clicks(click, twice));
    this.ledger.settle(write, 'acknowledged', reply.request_id);
    if (clears) {
      this.given.delete(question.id);
    } else {
      this.notice(this.pages.saved(question, value, reply.body));
      this.given.set(question.id, value);
    }
  }

  // A choice other than the last one for this question, so that a changed answer really changes.
  choose(question, choice) {
    const before = this.given.get(question.id);
    const others = question.choices.filter((one) => String(one) !== before);
    const choices = others.length > 0 ? others : question.choices;
    return choices[Math.floor((choice * choices.length) / 1000)];
  }

  // Reload the page, as a person does after a lost connection. It has to show the answers that were given so far.
  async resume() {
    this.attempts.lostConnection = false;
    const shown = await this.attempts.sendUntilAccepted('read', (token) => send('read', this.own(), token), this.tokens);
    this.notice(this.pages.reload(this.session.questions, this.given, shown.body, came(shown)));
  }

  // Tell the first thing that was not as acknowledged: what comes later may follow from it.
  notice(remark) {
    if (remark !== null && this.remark === this.usual) {
      this.remark = remark;
    }
  }

  async leave() {
    if (!PLAN.submits) {
      return;
    }
    await this.until(this.at(this.script.leaves_at));
    const due = Math.max(this.at(this.script.leaves_at), 1000 * this.openedAt + PLAN.earliest_submit_ms);
    await sleep(Math.max(0, due - Date.now()));
    const score = await this.submitAt(due);
    if (!has('review')) {
      return;
    }
    const shown = await this.attempts.sendUntilAccepted('review', (token) => send('review', this.own(), token), this.tokens);
    this.notice(this.pages.review(this.session.questions, this.given, score, shown.body));
  }

  async submitAt(due) {
    const key = uuidv4().replace(/-/g, '');
    const write = this.ledger.intend('submit', this.tokens.owner, this.session.id, key);
    const both = this.script.double_submit ? { accepted: false } : null;
    const click = () =>
      this.attempts.sendUntilAccepted('submit', (token) => submit(this.own(), token, { key }), this.tokens, due, both);
    const reply = await this.recorded(write, () => this.clicks(click, this.script.double_submit));
    const result = find('submit', 'score', reply.body);
    this.ledger.settle(write, 'acknowledged', reply.request_id, { result });
    this.submittedAt = came(reply);
    return result;
  }

  own() {
    return { session_id: this.session.id };
  }

  // Do the write; if the candidate gives up, write to the ledger how the last attempt ended.
  async recorded(write, act) {
    try {
      return await act();
    } catch (end) {
      if (end instanceof GaveUp) {
        const refused = end instanceof Refused;
        this.ledger.settle(write, refused ? 'refused' : 'unknown', refused ? end.request_id : null);
      }
      throw end;
    }
  }

  // Click once, or twice at the same moment. Two clicks are one write: it is accepted if one of them is. If none is,
  // one that got no reply counts more than a refused one, because it leaves open whether the write is stored.
  async clicks(click, twice) {
    if (!twice) {
      return click();
    }
    const ended = await Promise.allSettled([click(), click()]);
    const accepted = ended.find((end) => end.status === 'fulfilled');
    if (accepted) {
      return accepted.value;
    }
    throw (ended.find((end) => !(end.reason instanceof Refused)) ?? ended[0]).reason;
  }
}

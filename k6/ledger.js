// Writes the lines of the ledger: one for each write before it is sent, and one when its fate is known.
import { tell } from './telling.js';

const textOf = (value) => (value === null || value === undefined ? undefined : String(value));

export class Ledger {
  constructor(prefix, actor) {
    this.prefix = prefix;
    this.actor = actor;
    this.writes = 0;
  }

  intend(kind, owner, subject, key, value = null, sequence = 0) {
    this.writes += 1;
    const id = `${this.prefix}-${this.writes}`;
    tell('ledger', {
      id,
      kind,
      actor: this.actor,
      sent_at: Date.now() / 1000,
      owner: textOf(owner),
      subject: textOf(subject),
      key: textOf(key),
      value: textOf(value),
      sequence,
      state: 'intent',
    });
    return id;
  }

  settle(id, state, requestId, { subject, result } = {}) {
    tell('ledger', {
      id,
      state,
      answered_at: Date.now() / 1000,
      request_id: requestId,
      subject: textOf(subject),
      result: textOf(result),
    });
  }
}

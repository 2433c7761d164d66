// The tokens of a candidate. The access token is renewed before it ends, as the exam page does.
import encoding from 'k6/encoding';
import { find, has, send } from './lib.js';
import { GaveUp } from './attempts.js';

const REFRESH_MARGIN = 0.2; // share of the lifetime that is left when the page renews the token
const LIFETIME_SECONDS = 900;

const text = (value) => typeof value === 'string' && value !== '';

// When a JWT ends (ms since the epoch); infinity for any other token.
function endOf(token) {
  try {
    const end = Number(JSON.parse(encoding.b64decode(token.split('.')[1], 'rawurl', 's')).exp) * 1000;
    return Number.isFinite(end) ? end : Infinity;
  } catch {
    return Infinity;
  }
}

// When a prepared token is due for renewal (ms since the epoch): a JWT holds its end; other tokens are never renewed.
function renewalOf(token) {
  const end = endOf(token);
  return end === Infinity ? end : end - REFRESH_MARGIN * Math.max(0, end - Date.now());
}

// The lifetime of a token (s) for which the platform gives none.
function lifetimeOf(token) {
  const end = text(token) ? endOf(token) : Infinity;
  return end === Infinity ? LIFETIME_SECONDS : Math.max(0, (end - Date.now()) / 1000);
}

export class Tokens {
  constructor(account, attempts) {
    this.account = account;
    this.attempts = attempts;
    this.refresh = account.refresh_token ?? null;
    this.access = account.access_token ?? null;
    this.renewAt = this.access === null ? Infinity : renewalOf(this.access);
    this.renewing = null;
    this.owner = null;
  }

  async enter(due) {
    if (this.access === null) {
      await this.logIn(due);
    }
  }

  // A token that is still valid; throws GaveUp if none can be got.
  async token() {
    if (this.access === null || Date.now() > this.renewAt) {
      await this.renewOnce();
    }
    return this.access;
  }

  // Replace a token that the platform has refused, unless another request has renewed it already.
  async renewed(refused) {
    if (this.access === refused) {
      await this.renewOnce();
    }
  }

  // Only one renewal may run at a time: the second of two clicks would send a refresh token that is already used.
  async renewOnce() {
    this.renewing = this.renewing ?? this.renew();
    try {
      await this.renewing;
    } finally {
      this.renewing = null;
    }
  }

  async renew() {
    if (this.refresh !== null && has('refresh')) {
      const values = { refresh_token: this.refresh };
      const answer = await this.attempts.sendOnce('refresh', () => send('refresh', values));
      if (answer.outcome === 'ok') {
        this.keep('refresh', answer.body);
        return;
      }
    }
    await this.logIn(null);
  }

  async logIn(due) {
    const { email, password } = this.account;
    if (!password) {
      throw new GaveUp('the prepared token has ended, and there is no password to log in with');
    }
    const answer = await this.attempts.sendUntilAccepted('login', () => send('login', { email, password }), null, due);
    this.keep('login', answer.body);
  }

  keep(operation, body) {
    const found = (name) => find(operation, name, body);
    const [access, refresh, given, owner] = ['access_token', 'refresh_token', 'lifetime', 'owner'].map(found);
    const lifetime = given === null ? lifetimeOf(access) : Number(given);
    if (!text(access)) {
      throw new GaveUp(`the reply to ${operation} holds no access token`);
    }
    if (!Number.isFinite(lifetime)) {
      throw new GaveUp(`the reply to ${operation} gives no usable lifetime of the token`);
    }
    this.access = access;
    this.refresh = text(refresh) ? refresh : this.refresh;
    this.renewAt = Date.now() + lifetime * 1000 * (1 - REFRESH_MARGIN);
    this.owner = owner === null ? this.owner : String(owner);
  }
}

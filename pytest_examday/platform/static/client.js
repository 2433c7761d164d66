// Requests to the platform: tokens, retries, and a notice to the candidate before each retry.

const REFRESH_KEY = "exam.refresh";
const REFRESH_EARLY_SECONDS = 30;
const TIMEOUT_MS = 10000;
const LONGEST_PAUSE_SECONDS = 8;

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export class LoggedOut extends Error {}

export class Client {
  #access = null;
  #renewAt = 0;
  #renewing = null;

  get canResume() {
    return sessionStorage.getItem(REFRESH_KEY) !== null;
  }

  async login(email, password) {
    const tokens = await this.#once("POST", "/v1/auth/login", { email, password });
    this.#keep(tokens);
  }

  async logout() {
    const refresh_token = sessionStorage.getItem(REFRESH_KEY);
    try {
      await this.#authorized("POST", "/v1/auth/logout", { refresh_token });
    } finally {
      this.forget();
    }
  }

  forget() {
    this.#access = null;
    sessionStorage.removeItem(REFRESH_KEY);
  }

  // Repeats the request until the platform answers. Calls onWait(seconds left) in each pause, onWait(0) after it.
  async persist(method, path, body, { key = null, onWait = () => {} } = {}) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#authorized(method, path, body, key);
      } catch (error) {
        if (error instanceof LoggedOut || (error instanceof Refused && !worthRetrying(error.status))) throw error;
      }
      await this.#pause(Math.min(2 ** attempt, LONGEST_PAUSE_SECONDS), onWait);
    }
  }

  async #pause(seconds, onWait) {
    for (let left = seconds; left > 0; left -= 1) {
      onWait(left);
      await new Promise((wake) => setTimeout(wake, 900 + Math.random() * 200));
    }
    onWait(0);
  }

  async #authorized(method, path, body, key) {
    if (Date.now() >= this.#renewAt) await this.#renew();
    try {
      return await this.#once(method, path, body, key);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      await this.#renew();
      return this.#once(method, path, body, key);
    }
  }

  // A refresh token works once: all requests that need a new one share a single exchange.
  #renew() {
    this.#renewing ??= this.#exchange().finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  async #exchange() {
    const refresh_token = sessionStorage.getItem(REFRESH_KEY);
    if (refresh_token === null) throw new LoggedOut("Please log in.");
    try {
      this.#access = null;
      this.#keep(await this.#once("POST", "/v1/auth/refresh", { refresh_token }));
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      this.forget();
      throw new LoggedOut("Your log-in has ended. Please log in again; your answers are safe.");
    }
  }

  #keep(tokens) {
    this.#access = tokens.access_token;
    const early = Math.min(REFRESH_EARLY_SECONDS, tokens.expires_in / 4);
    this.#renewAt = Date.now() + (tokens.expires_in - early) * 1000;
    sessionStorage.setItem(REFRESH_KEY, tokens.refresh_token);
  }

  async #once(method, path, body, key) {
    const headers = { "Content-Type": "application/json" };
    if (this.#access !== null) headers.Authorization = `Bearer ${this.#access}`;
    if (key) headers["Idempotency-Key"] = key;
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined || method === "GET" ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : null;
    if (!response.ok) throw new Refused(response.status, describe(answer, response.status));
    return answer;
  }
}

function worthRetrying(status) {
  return status === 429 || status >= 500;
}

function describe(answer, status) {
  return typeof answer?.detail === "string" ? answer.detail : `refused (${status})`;
}

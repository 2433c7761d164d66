// The exam page: log in, answer, submit, see the result.

import { Client, LoggedOut, Refused } from "./client.js";

const QUESTION_COUNT = 20;
const SHORT_SECONDS = 300;
const client = new Client();
const $ = (id) => document.getElementById(id);

let exam = null;
let answers = new Map();
let endsAt = 0;
let submitting = false;

function show(view) {
  for (const name of ["login", "start", "exam", "result"]) $(`${name}-view`).hidden = name !== view;
  $("logout").hidden = view === "login";
  $("timer").hidden = view !== "exam";
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function notify(text, trouble = false) {
  $("connection").textContent = text;
  $("connection").classList.toggle("trouble", trouble);
}

function onWait(seconds) {
  notify(seconds ? `Connection lost, retrying in ${seconds} s…` : "Retrying…", true);
}

async function persist(method, path, body, options = {}) {
  const answer = await client.persist(method, path, body, { onWait, ...options });
  notify("");
  return answer;
}

function leave(error) {
  if (!(error instanceof LoggedOut)) throw error;
  exam = null;
  $("login-error").textContent = error.message;
  show("login");
}

// Log in and resume

async function login(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  const button = event.submitter ?? event.target.querySelector("button");
  button.disabled = true;
  $("login-error").textContent = "";
  try {
    await client.login(form.get("email"), form.get("password"));
    event.target.reset();
    await resume();
  } catch (error) {
    $("login-error").textContent = error instanceof Refused ? error.message : "The platform cannot be reached. Please try again.";
  } finally {
    button.disabled = false;
  }
}

async function resume() {
  try {
    const { sessions } = await persist("GET", "/v1/sessions");
    if (!sessions.length) return show("start");
    const open = sessions.find((session) => session.status === "ACTIVE") ?? sessions[0];
    if (open.status === "ACTIVE") enter(await persist("GET", `/v1/sessions/${open.session_id}`));
    else await showResult(open.session_id);
  } catch (error) {
    leave(error);
  }
}

async function start() {
  $("start").disabled = true;
  $("start-error").textContent = "";
  try {
    const body = { question_count: QUESTION_COUNT };
    enter(await persist("POST", "/v1/sessions", body, { key: "exam-page" }));
  } catch (error) {
    if (error instanceof Refused) $("start-error").textContent = error.message;
    else leave(error);
  } finally {
    $("start").disabled = false;
  }
}

// Questions

function enter(session) {
  exam = session;
  endsAt = performance.now() + session.remaining_seconds * 1000;
  answers = new Map(session.questions.map((question) => [question.question_id, blank()]));
  for (const saved of session.answers ?? []) Object.assign(answers.get(saved.question_id), saved);
  $("questions").replaceChildren(...session.questions.map(questionItem));
  $("overview").replaceChildren(...session.questions.map(overviewLink));
  session.questions.forEach((question) => refresh(question.question_id));
  tick();
  show("exam");
}

function blank() {
  return { choice: null, marked: false, sequence: 0, saving: false, dirty: false };
}

function questionItem(question) {
  const id = question.question_id;
  const choices = question.choices.map((choice) => {
    const radio = element("input", { type: "radio", name: id, value: choice.key });
    radio.checked = answers.get(id).choice === choice.key;
    radio.addEventListener("change", () => change(id, { choice: choice.key }));
    return element("label", { className: "choice" }, radio, ` ${choice.key}. ${choice.text}`);
  });
  const mark = element("input", { type: "checkbox", checked: answers.get(id).marked });
  mark.addEventListener("change", () => change(id, { marked: mark.checked }));
  const clear = element("button", { type: "button", className: "quiet", textContent: "Clear answer" });
  clear.addEventListener("click", () => {
    document.getElementsByName(id).forEach((radio) => { radio.checked = false; });
    change(id, { choice: null });
  });
  const state = element("p", { id: `state-${id}`, className: "state" });
  state.setAttribute("role", "status");
  const tools = element("div", { className: "tools" }, element("label", {}, mark, " Mark for review"), clear, state);
  const legend = element("legend", { textContent: `${question.position}. ${question.stem}` });
  return element("li", { id: `question-${question.position}` }, element("fieldset", {}, legend, ...choices), tools);
}

function overviewLink(question) {
  const link = element("a", { id: `link-${question.question_id}`, textContent: question.position });
  link.href = `#question-${question.position}`;
  return link;
}

function refresh(id) {
  const answer = answers.get(id);
  const link = $(`link-${id}`);
  link.classList.toggle("answered", answer.choice !== null);
  link.classList.toggle("marked", answer.marked);
  const words = [answer.choice === null ? "blank" : "answered", ...(answer.marked ? ["marked"] : [])];
  link.setAttribute("aria-label", `Question ${link.textContent}, ${words.join(", ")}`);
  const done = [...answers.values()].filter((item) => item.choice !== null).length;
  $("progress").textContent = `${done} of ${answers.size} questions answered.`;
}

function setState(id, text, kind = "") {
  const state = $(`state-${id}`);
  if (!state) return;
  state.textContent = text;
  state.className = `state ${kind}`;
}

// Saving: one request per question at a time; a change during that request is sent after it.

function change(id, values) {
  const answer = answers.get(id);
  Object.assign(answer, values, { dirty: true });
  refresh(id);
  if (!answer.saving) answer.saved = save(id, answer);
}

async function save(id, answer) {
  answer.saving = true;
  try {
    while (answer.dirty) {
      answer.dirty = false;
      answer.sequence += 1;
      setState(id, "saving…");
      await send(id, answer);
    }
    setState(id, "saved", "saved");
  } catch (error) {
    if (!(error instanceof Refused)) return leave(error);
    setState(id, `not saved: ${error.message}`, "failed");
  } finally {
    answer.saving = false;
  }
}

function send(id, { choice, sequence, marked }) {
  const wait = (seconds) => {
    onWait(seconds);
    const text = seconds ? `connection lost, retrying in ${seconds} s…` : "saving…";
    setState(id, text, seconds ? "trouble" : "");
  };
  const body = { question_id: id, choice, sequence, marked };
  return persist("POST", `/v1/sessions/${exam.session_id}/answers`, body, { onWait: wait });
}

// Time

function tick() {
  if (!exam) return;
  const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  const clock = [Math.floor(left / 60), left % 60].map((part) => String(part).padStart(2, "0"));
  $("timer").textContent = `Time left ${clock.join(":")}`;
  $("timer").classList.toggle("short", left <= SHORT_SECONDS);
  if (left === 0 && !submitting && !$("submit-error").textContent) submit();
}

// Submit and result

function askToSubmit() {
  const blanks = [...answers.values()].filter((answer) => answer.choice === null).length;
  $("confirm-text").textContent = blanks
    ? `${blanks} of ${answers.size} questions are blank. You cannot change anything afterwards.`
    : "You cannot change anything afterwards.";
  $("confirm").showModal();
}

async function submit() {
  if (submitting) return;
  setSubmitting(true);
  $("submit-error").textContent = "";
  try {
    await Promise.all([...answers.values()].map((answer) => answer.saved));
    await persist("POST", `/v1/sessions/${exam.session_id}/submit`, {}, { key: `submit-${exam.session_id}` });
    await showResult(exam.session_id);
  } catch (error) {
    if (error instanceof Refused) $("submit-error").textContent = error.message;
    else leave(error);
  } finally {
    setSubmitting(false);
  }
}

// The dialog stays open during the request: the second click of a double click must not reach the questions.
function setSubmitting(on) {
  submitting = on;
  $("exam-view").inert = on;
  for (const name of ["submit", "confirm-yes", "confirm-no"]) $(name).disabled = on;
  $("confirm-yes").textContent = on ? "Submitting…" : "Submit now";
  if (!on) $("confirm").close();
}

async function showResult(id) {
  const review = await persist("GET", `/v1/sessions/${id}/review`);
  exam = null;
  $("score").textContent = `${review.score} of ${review.max_score} points`;
  $("review").replaceChildren(...review.questions.map(reviewItem));
  show("result");
  scrollTo(0, 0);
  $("result-title").focus({ preventScroll: true });
}

function reviewItem({ choice, correct_choice, correct }) {
  const text = correct ? `${choice}: right` : `${choice ?? "blank"}: wrong, right is ${correct_choice}`;
  return element("li", { className: correct ? "right" : "wrong", textContent: text });
}

async function logout() {
  exam = null;
  try {
    await client.logout();
    $("login-error").textContent = "";
  } catch {
    $("login-error").textContent = "You are logged out on this computer.";
  }
  notify("");
  show("login");
}

$("login-form").addEventListener("submit", login);
$("start").addEventListener("click", start);
$("submit").addEventListener("click", askToSubmit);
$("confirm-yes").addEventListener("click", submit);
$("confirm-no").addEventListener("click", () => $("confirm").close());
$("logout").addEventListener("click", logout);
addEventListener("beforeunload", (event) => {
  if ([...answers.values()].some((answer) => answer.saving)) event.preventDefault();
});
setInterval(tick, 500);
if (client.canResume) resume();
else show("login");

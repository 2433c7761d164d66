// What a page shows of an exam beside the answers: its questions, their words, and its clock. What one of two pages does
// not show is not compared. `pytest_examday/suites/exam/candidates/shown_exam.py` does the same for the built-in engine.
import { find } from './lib.js';

const TOLERANCE_SECONDS = 60; // a platform may tell whole minutes, and an answer may be under way for some seconds
const LARGEST_SECONDS = 1e11; // a larger number counts milliseconds
const CHARACTERS = 200;
const ZONE = /(Z|[+-]\d\d(:?\d\d)?)$/i;
const UUID = /^(urn:uuid:)?\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?$/i;

// The usual spelling of a UUID; any other id as it is.
export function usual(id) {
  const text = String(id);
  return UUID.test(text) ? text.toLowerCase().replace(/^urn:uuid:|[-{}]/g, '') : text;
}

const number = (shown) => {
  const value = typeof shown === 'string' && shown.trim() !== '' ? Number(shown) : shown;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

// A moment on a page in seconds since the epoch; null if there is none, or one without a time zone.
function moment(shown) {
  const value = number(shown);
  if (value !== null) {
    return value > LARGEST_SECONDS ? value / 1000 : value;
  }
  const parsed = typeof shown === 'string' && ZONE.test(shown) ? Date.parse(shown) : NaN;
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

const inUtc = (seconds) => `${new Date(1000 * seconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

// The value as text, the same for any order of its keys.
function stable(value) {
  if (Array.isArray(value)) {
    return `[${value.map(stable).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.keys(value).sort();
    return `{${fields.map((name) => `${JSON.stringify(name)}:${stable(value[name])}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

// 32 bits for the words of a question: the words themselves would take most of k6's memory.
function hash(value) {
  let code = 0;
  for (const character of stable(value)) {
    code = (31 * code + character.codePointAt(0)) | 0;
  }
  return code;
}

function asked(questions) {
  const known = Array.isArray(questions) ? questions.filter((one) => (one?.id ?? null) !== null) : [];
  const shown = known.map(({ id, choices }) => ({
    id: usual(id),
    choices: Array.isArray(choices) ? choices.filter((one) => one !== null).map(String) : [],
  }));
  return shown.length > 0 ? shown : null;
}

// What the answer to an operation, which came at this moment (seconds since the epoch), shows.
export function shownIn(operation, body, at) {
  const wording = find(operation, 'wording', body);
  return {
    asked: asked(find(operation, 'questions', body)),
    words: Array.isArray(wording) ? wording.map(hash) : null,
    end: moment(find(operation, 'expires_at', body)),
    left: number(find(operation, 'remaining', body)),
    at,
  };
}

// The words of each question without its id; null where they are not both a text and the choices: many questions may have
// the same choices, and some the same text. `first_page.py` does the same for the built-in engine.
function texts(shown, operation, body) {
  const wording = find(operation, 'wording', body);
  if (shown.asked === null || !Array.isArray(wording) || wording.length !== shown.asked.length) {
    return [];
  }
  return wording.map((entry, place) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      return null;
    }
    const words = Object.entries(entry).filter(([, value]) => String(value) !== shown.asked[place].id);
    const hasText = words.some(([, value]) => typeof value === 'string' && value !== '');
    const filled = (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    return hasText && words.some(([, value]) => filled(value)) ? Object.fromEntries(words) : null;
  });
}

function mostCommon(values) {
  const counts = new Map();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [null, 0]);
}

// What is wrong with the questions of a first page.
export function wrongQuestions(shown, operation, body, askedFor) {
  const { asked: questions } = shown;
  if (questions === null) {
    return [];
  }
  const wrong = [];
  if (askedFor !== null && questions.length !== askedFor) {
    wrong.push(`${questions.length} questions, and ${askedFor} were asked for`);
  }
  const [id, times] = mostCommon(questions.map((one) => one.id));
  if (times > 1) {
    return [...wrong, `question ${id} comes ${times} times`];
  }
  const whole = texts(shown, operation, body).filter((one) => one !== null);
  const [text, alike] = mostCommon(whole.map(stable));
  return alike > 1
    ? [...wrong, `${alike} questions with the same text and choices: ${text.slice(0, CHARACTERS)}`]
    : wrong;
}

// Question -> a name that only the same question has for another candidate: its id and the hash of its words.
export function comparableQuestions(shown, operation, body) {
  const whole = shown.words === null ? [] : texts(shown, operation, body);
  const named = whole.map((text, place) => [text, shown.asked[place].id, shown.words[place]]);
  return new Map(named.filter(([text]) => text !== null).map(([, id, words]) => [id, `${id} ${words}`]));
}

// A page, with what only another page of the same moment shows.
export function completedBy(page, other) {
  const { asked: questions, words, end, left } = other;
  return {
    asked: page.asked ?? questions,
    words: page.words ?? words,
    end: page.end ?? end,
    left: page.left ?? left,
    at: page.left === null ? other.at : page.at,
  };
}

export const compares = (start, later) =>
  ['asked', 'words', 'end', 'left'].some((name) => start[name] !== null && later[name] !== null);

// What the later page, the answer to an operation, shows in another way than the start.
export function differences(start, later, operation, body) {
  return [
    ...otherQuestions(start.asked, later.asked),
    ...otherWords(start.words, later.words, find(operation, 'wording', body)),
    ...otherClock(start, later),
  ];
}

function otherQuestions(begun, shown) {
  if (begun === null || shown === null) {
    return [];
  }
  if (begun.length !== shown.length) {
    return [`${shown.length} questions, at the start ${begun.length}`];
  }
  for (const [place, { id, choices }] of begun.entries()) {
    const found = shown[place];
    if (found.id !== id) {
      return [`question ${place + 1} is ${found.id}, at the start ${id}`];
    }
    const both = choices.length > 0 && found.choices.length > 0;
    if (both && choices.join('\n') !== found.choices.join('\n')) {
      return [`the choices of question ${place + 1} are ${found.choices.join(', ')}, at the start ${choices.join(', ')}`];
    }
  }
  return [];
}

function otherWords(begun, shown, wording) {
  if (begun === null || shown === null) {
    return [];
  }
  const other = 'other words for the questions or choices';
  if (begun.length !== shown.length) {
    return [`${other}: ${shown.length}, at the start ${begun.length}`];
  }
  const place = begun.findIndex((code, at) => code !== shown[at]);
  return place < 0 ? [] : [`${other}: question ${place + 1} is now ${JSON.stringify(wording[place]).slice(0, CHARACTERS)}`];
}

function otherClock(start, later) {
  if (start.end !== null && later.end !== null && Math.abs(later.end - start.end) > TOLERANCE_SECONDS) {
    return [`the end of the exam is ${inUtc(later.end)}, at the start ${inUtc(start.end)}`];
  }
  const passed = later.at - start.at;
  if (start.left === null || later.left === null || Math.abs(start.left - passed - later.left) <= TOLERANCE_SECONDS) {
    return [];
  }
  return [`${Math.round(later.left)} s left, ${Math.round(passed)} s before it were ${Math.round(start.left)} s`];
}

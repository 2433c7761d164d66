// What a candidate is shown, compared with what it gave and what the platform had acknowledged.
// `pytest_examday/suites/exam/load/page_comparison.py` does the same for the built-in engine.
import { find, finds } from './lib.js';
import { comparableQuestions, compares, completedBy, differences, shownIn, usual, wrongQuestions } from './shown_exam.js';

const REPORTED = 5; // differences of one page that are reported one by one; the others are counted
const NOTHING = 'nothing';
const UNREADABLE = 'shows answers without question and value';

const isValue = (found) => typeof found === 'string' || typeof found === 'number';
const difference = (page, question, expected, shown) =>
  `${page}, question ${question}: expected ${expected}, shown ${shown}`;

function sameScore(told, shown) {
  const [one, other] = [Number(told), Number(shown)];
  return Number.isNaN(one) || Number.isNaN(other)
    ? String(told) === String(shown)
    : Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));
}

export class PageComparison {
  // So many questions are asked for; null if the platform is asked for no number.
  constructor(askedFor) {
    this.askedFor = askedFor;
    this.session = null; // the id of the exam that was opened
    this.names = new Map(); // question -> a name that it has for others who were shown the same
    this.rightChoices = {}; // such a name -> the right choice that the review tells
    this.shownWrongly = []; // one text for each difference
    this.compared = {}; // operation -> pages that could be compared
    this.notComparable = {}; // operation -> why a page could not be compared
    this.start = null; // what the start of the exam showed
    this.shownEnd = null; // the end of the exam that was told first, in seconds since the epoch
  }

  // Keep what the start of the exam shows, which came at this moment (seconds since the epoch): one page or two. Returns
  // a remark if its questions are wrong or if no time is left, else null.
  opened(operation, body, at) {
    const shown = shownIn(operation, body, at);
    this.session = this.session ?? find(operation, 'session_id', body) ?? null;
    const isFirst = this.start === null || this.start.asked === null;
    const wrong = isFirst ? wrongQuestions(shown, operation, body, this.askedFor) : [];
    this.shownWrongly.push(...wrong.map((one) => `create: an exam that was just opened has ${one}`));
    this.names = this.names.size > 0 ? this.names : comparableQuestions(shown, operation, body);
    this.start = this.start === null ? shown : completedBy(this.start, shown);
    this.shownEnd = this.shownEnd ?? shown.end;
    if (shown.left === null || shown.left > 0) {
      return wrong.length > 0 ? `opened the exam, which has ${wrong[0]}` : null;
    }
    this.shownWrongly.push(`create: an exam that was just opened has ${shown.left} s left`);
    return `opened the exam, which had ${shown.left} s left`;
  }

  // Each of these compares one reply of the platform, and returns a remark if it differs, else null.
  saved(question, value, body) {
    const saved = find('answer', 'saved', body);
    if (!isValue(saved)) {
      return null;
    }
    this.count('answer');
    if (String(saved) === value) {
      return null;
    }
    this.shownWrongly.push(difference('answer', question.id, value, saved));
    return `answered ${value} and the platform said that it saved ${saved}`;
  }

  reload(questions, given, body, at) {
    const shown = shownIn('read', body, at);
    this.shownEnd = this.shownEnd ?? shown.end;
    const other = differences(this.start, shown, 'read', body);
    const session = find('read', 'session_id', body) ?? null;
    if (session !== null && this.session !== null && usual(session) !== usual(this.session)) {
      other.unshift(`session ${session}, and ${this.session} was opened`);
    }
    this.shownWrongly.push(...other.map((one) => `read: ${one}`));
    const changed = other.length > 0 ? `reloaded the page, which shows ${other[0]}` : null;
    if (!finds('read', 'answers')) {
      if (compares(this.start, shown)) {
        this.count('read');
      }
      return changed;
    }
    const wrong = this.answers('read', questions, given, find('read', 'answers', body) ?? []);
    if (wrong === null) {
      return `reloaded the page, which ${UNREADABLE}`;
    }
    return wrong > 0 ? `reloaded the page and ${wrong} answers were not as acknowledged` : changed;
  }

  review(questions, given, score, body) {
    const shownScore = find('review', 'score', body);
    const shown = find('review', 'answers', body);
    const right = this.right(body);
    for (const [question, choice] of right) {
      if (this.names.has(question)) {
        this.rightChoices[this.names.get(question)] = choice;
      }
    }
    const scored = score !== null && isValue(shownScore);
    if (!scored && shown === null) {
      this.notComparable.review = 'shows neither score nor answers';
      return null;
    }
    let wrong = 0;
    if (shown === null) {
      this.count('review');
    } else {
      wrong = this.answers('review', questions, given, shown);
      if (wrong === null) {
        return `read the review, which ${UNREADABLE}`;
      }
    }
    if (scored && !sameScore(score, shownScore)) {
      this.shownWrongly.push(`review: expected the score ${score} of the submission, shown ${shownScore}`);
      return `read the review and its score was ${shownScore} instead of ${score}`;
    }
    const earned = this.earned(given, right);
    if (scored && wrong === 0 && earned !== null && !sameScore(earned, shownScore)) {
      const told = `the score is ${shownScore}, and by the right choices that it tells ${earned} answers are right`;
      this.shownWrongly.push(`review: ${told}`);
      return `read the review: ${told}`;
    }
    return wrong > 0 ? `read the review and ${wrong} answers were not as acknowledged` : null;
  }

  // The right choices that a review shows, by question.
  right(body) {
    const found = find('review', 'correct', body);
    const told = Array.isArray(found) ? found.filter((entry) => entry && (entry.value ?? null) !== null) : [];
    return new Map(told.map(({ question, value }) => [usual(question), String(value)]));
  }

  // How many answers are right by the right choices of a review; null if it shows none.
  earned(given, right) {
    const earned = [...given].filter(([question, value]) => right.get(usual(question)) === value).length;
    return right.size > 0 ? earned : null;
  }

  count(page) {
    this.compared[page] = (this.compared[page] ?? 0) + 1;
  }

  // How many questions are not shown as they were answered; null if the page cannot be read. If a page shows an
  // answer although none was given, that is wrong only if it is one of the question's choices: it may have a word for blanks.
  answers(page, questions, given, shown) {
    if (!Array.isArray(shown) || !shown.every((entry) => entry && 'question' in entry && 'value' in entry)) {
      this.notComparable[page] = UNREADABLE;
      return null;
    }
    this.count(page);
    const seen = new Map();
    for (const { question, value } of shown) {
      if (value !== null) {
        seen.set(usual(question), String(value));
      }
    }
    const wrong = [];
    for (const { id, choices } of questions) {
      const [expected, found] = [given.get(id), seen.get(usual(id))];
      if (expected !== found && (expected !== undefined || choices.some((one) => String(one) === found))) {
        wrong.push(difference(page, id, expected ?? NOTHING, found ?? NOTHING));
      }
    }
    const own = new Set(questions.map(({ id }) => usual(id)));
    const foreign = [...seen.keys()].filter((question) => !own.has(question));
    wrong.push(...foreign.map((question) => `${page}: question ${question} is not one of this exam`));
    this.shownWrongly.push(...wrong.slice(0, REPORTED));
    if (wrong.length > REPORTED) {
      this.shownWrongly.push(`${page}: ${wrong.length - REPORTED} more questions not as answered`);
    }
    return wrong.length;
  }
}

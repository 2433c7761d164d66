// Evaluates the syntax tree that Python's jmespath gives for an expression (https://jmespath.org/specification.html).
// Expressions that it cannot evaluate are refused earlier, when the plan is written.

class TypeProblem extends Error {}

const isFalse = (value) =>
  value === null || value === false || value === '' ||
  (Array.isArray(value) && value.length === 0) || (isDict(value) && Object.keys(value).length === 0);

function isDict(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(value, name) {
  return isDict(value) && Object.prototype.hasOwnProperty.call(value, name) ? value[name] : null;
}

function equal(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => equal(item, right[at]));
  }
  if (isDict(left) && isDict(right)) {
    const names = Object.keys(left);
    return names.length === Object.keys(right).length && names.every((name) => equal(left[name], own(right, name)));
  }
  return left === right;
}

const COMPARATORS = { lt: (a, b) => a < b, lte: (a, b) => a <= b, gt: (a, b) => a > b, gte: (a, b) => a >= b };

function compare(kind, left, right) {
  if (kind === 'eq' || kind === 'ne') {
    return equal(left, right) === (kind === 'eq');
  }
  const ordered = (value) => typeof value === 'number' || typeof value === 'string';
  return ordered(left) && typeof left === typeof right ? COMPARATORS[kind](left, right) : null;
}

function typed(value, ...types) {
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : isDict(value) ? 'object' : typeof value;
  if (!types.includes(type)) {
    throw new TypeProblem(type);
  }
  return value;
}

const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/;

const FUNCTIONS = {
  contains: (where, what) =>
    Array.isArray(typed(where, 'array', 'string'))
      ? where.some((item) => equal(item, what))
      : typeof what === 'string' && where.includes(what),
  starts_with: (text, start) => typed(text, 'string').startsWith(typed(start, 'string')),
  ends_with: (text, end) => typed(text, 'string').endsWith(typed(end, 'string')),
  length: (value) =>
    isDict(typed(value, 'string', 'array', 'object')) ? Object.keys(value).length : Array.from(value).length,
  not_null: (...values) => values.find((value) => value !== null) ?? null,
  to_string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  to_number: (value) =>
    typeof value === 'number' ? value : typeof value === 'string' && NUMBER.test(value) ? Number(value) : null,
  keys: (value) => Object.keys(typed(value, 'object')),
  values: (value) => Object.values(typed(value, 'object')),
  join: (glue, parts) =>
    typed(parts, 'array').map((part) => typed(part, 'string')).join(typed(glue, 'string')),
};

const through = (items, node) => items.map((item) => visit(node, item)).filter((item) => item !== null);
const chain = (node, value) => node.children.reduce((found, child) => visit(child, found), value);

const VISITORS = {
  identity: (node, value) => value,
  current: (node, value) => value,
  literal: (node) => node.value,
  field: (node, value) => own(value, node.value),
  subexpression: chain,
  index_expression: chain,
  pipe: chain,
  index: (node, value) => (Array.isArray(value) ? value.at(node.value) ?? null : null),
  flatten: (node, value) => {
    const base = visit(node.children[0], value);
    return Array.isArray(base) ? base.flat(1) : null;
  },
  projection: ({ children }, value) => {
    const base = visit(children[0], value);
    return Array.isArray(base) ? through(base, children[1]) : null;
  },
  value_projection: ({ children }, value) => {
    const base = visit(children[0], value);
    return isDict(base) ? through(Object.values(base), children[1]) : null;
  },
  filter_projection: ({ children }, value) => {
    const base = visit(children[0], value);
    return Array.isArray(base)
      ? through(base.filter((item) => !isFalse(visit(children[2], item))), children[1])
      : null;
  },
  multi_select_dict: (node, value) =>
    value === null ? null : Object.fromEntries(node.children.map((pair) => [pair.value, visit(pair.children[0], value)])),
  multi_select_list: (node, value) => (value === null ? null : node.children.map((child) => visit(child, value))),
  comparator: (node, value) => compare(node.value, visit(node.children[0], value), visit(node.children[1], value)),
  or_expression: ({ children }, value) => {
    const left = visit(children[0], value);
    return isFalse(left) ? visit(children[1], value) : left;
  },
  and_expression: ({ children }, value) => {
    const left = visit(children[0], value);
    return isFalse(left) ? left : visit(children[1], value);
  },
  not_expression: (node, value) => isFalse(visit(node.children[0], value)),
  function_expression: (node, value) => FUNCTIONS[node.value](...node.children.map((child) => visit(child, value))),
};

function visit(node, value) {
  return VISITORS[node.type](node, value);
}

// The value of the expression in the body; null if there is none, or if a function of the expression cannot use it.
export function search(tree, body) {
  try {
    return visit(tree, body);
  } catch (problem) {
    if (problem instanceof TypeProblem) {
      return null;
    }
    throw problem;
  }
}

// Whether the value is true in Python; `success_when` is judged in this way by both engines.
export function truthy(value) {
  return !isFalse(value) && value !== 0;
}

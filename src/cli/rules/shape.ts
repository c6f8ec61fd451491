/**
 * A small vocabulary for the shape of JSON values. A shape looks at a value and notes each problem with its place; `cite` names the
 * clause that a part of a shape is from, and whatever has none is from the schema of the revision as a whole.
 */
import { type Revision, SUPPORTED } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import { type Citation, clauseIn, type Finding } from './rule.js';
import { show } from './show.js';

export type Problem = Finding & { citation: Citation | undefined };
export type Notes = { readonly revision: Revision; readonly problems: Problem[] };
export type Shape = (value: unknown, where: string, notes: Notes, citation?: Citation) => void;
/** Names ending in `?` may be absent. */
export type Members = { readonly [name: string]: Shape };

/** A value as bad as this needs no further description. */
const MAX_PROBLEMS = 20;

export function note(
  notes: Notes,
  where: string,
  expected: string,
  value: unknown,
  citation: Citation | undefined,
) {
  if (notes.problems.length < MAX_PROBLEMS)
    notes.problems.push({ where, expected, received: show(value), citation });
}

/** A shape of one test. */
export function a(expected: string, holds: (value: unknown) => boolean): Shape {
  return (value, where, notes, citation) => {
    if (!holds(value)) note(notes, where, expected, value, citation);
  };
}

export const anything: Shape = () => {};
export const text = a('a string', (value) => typeof value === 'string');
export const bool = a('true or false', (value) => typeof value === 'boolean');
export const number = a('a number', (value) => typeof value === 'number');
export const integer = a('an integer', (value) => Number.isInteger(value));
export const record = a('an object', isRecord);
export const id = a(
  'a string or an integer',
  (value) => typeof value === 'string' || Number.isInteger(value),
);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Base64 with the standard alphabet, padded. Only the beginning and the end of a long text are looked at. */
export const base64 = a('Base64', (value) => {
  if (typeof value !== 'string' || value.length % 4 !== 0) return false;
  return BASE64.test(value.slice(-1024)) && /^[A-Za-z0-9+/]*$/.test(value.slice(0, -1024).slice(0, 4096));
});
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]*$/u;
/** A URI as far as RFC 3986 can be judged without knowing its scheme: there is a scheme, and there is no space. */
export const uri = a(
  'a URI with a scheme, such as file:///a',
  (value) => typeof value === 'string' && SCHEME.test(value),
);
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/;
export const time = a('an ISO 8601 time', (value) => typeof value === 'string' && TIME.test(value));

export function oneOf(...values: readonly unknown[]): Shape {
  const expected = values
    .map((value) => (typeof value === 'string' ? `"${value}"` : String(value)))
    .join(' or ');
  return a(expected, (value) => values.includes(value));
}

export function list(of: Shape): Shape {
  return (value, where, notes, citation) => {
    if (!Array.isArray(value)) return note(notes, where, 'an array', value, citation);
    for (let at = 0; at < value.length && notes.problems.length < MAX_PROBLEMS; at++)
      of(value[at], `${where}[${at}]`, notes, citation);
  };
}

/** An object whose members all have the same shape. */
export function dictionary(of: Shape): Shape {
  return (value, where, notes, citation) => {
    if (!isRecord(value)) return note(notes, where, 'an object', value, citation);
    for (const [name, member] of Object.entries(value)) {
      if (notes.problems.length >= MAX_PROBLEMS) return;
      of(member, `${where}.${name.slice(0, 60)}`, notes, citation);
    }
  };
}

/** An object with these members, and any others. */
export function fields(members: Members): Shape {
  const rows = Object.entries(members).map(([name, shape]) => ({
    name: name.replace(/\?$/, ''),
    optional: name.endsWith('?'),
    shape,
  }));
  return (value, where, notes, citation) => {
    if (!isRecord(value)) return note(notes, where, 'an object', value, citation);
    for (const { name, optional, shape } of rows) {
      const member = value[name];
      if (member === undefined && optional) continue;
      shape(member, where === '' ? name : `${where}.${name}`, notes, citation);
    }
  };
}

/** What does not fit violates this clause, in the revisions that have it. */
export function cite(citation: Citation, shape: Shape): Shape {
  return (value, where, notes, outer) =>
    shape(value, where, notes, clauseIn(citation, notes.revision) === undefined ? outer : citation);
}

/** The shape holds from this revision on; before it, another one or none. */
export function from(revision: Revision, shape: Shape, before: Shape = anything): Shape {
  const first = SUPPORTED.indexOf(revision);
  return (value, where, notes, citation) =>
    (SUPPORTED.indexOf(notes.revision) <= first ? shape : before)(value, where, notes, citation);
}

/** All of these. */
export function all(...shapes: readonly Shape[]): Shape {
  return (value, where, notes, citation) => {
    for (const shape of shapes) shape(value, where, notes, citation);
  };
}

/** Any one of these; otherwise `expected` is what was expected. */
export function either(expected: string, ...shapes: readonly Shape[]): Shape {
  return (value, where, notes, citation) => {
    const fits = shapes.some((shape) => {
      const inner: Notes = { revision: notes.revision, problems: [] };
      shape(value, where, inner);
      return inner.problems.length === 0;
    });
    if (!fits) note(notes, where, expected, value, citation);
  };
}

/** An object whose shape its member `key` tells. */
export function byMember(key: string, cases: { readonly [value: string]: Shape }): Shape {
  const shapes = new Map(Object.entries(cases));
  const expected = [...shapes.keys()].map((name) => `"${name}"`).join(' or ');
  return (value, where, notes, citation) => {
    if (!isRecord(value)) return note(notes, where, 'an object', value, citation);
    const name = value[key];
    const shape = typeof name === 'string' ? shapes.get(name) : undefined;
    if (shape === undefined) note(notes, `${where}.${key}`, expected, name, citation);
    else shape(value, where, notes, citation);
  };
}

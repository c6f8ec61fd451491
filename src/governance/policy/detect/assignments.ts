/**
 * Values whose name in the text says that they are secret: `password=…`, `?access_token=…`, `"client_secret": "…"`, a header, an
 * element of XML, an option of a command. Each name is read once, and each value to its end, so the time stays linear.
 */
import { markerUnder, type NameKind, nameKind } from './names.js';
import { byStart, lastGroup, matches, type Span } from './spans.js';

/** What joins a name to its value. It is rarer than names, so the search starts with it. */
const JOINT = /[=:]/g;
const MAX_NAME = 48;
const OPTION = /(?<![\w-])--?([A-Za-z][\w-]{0,47})[ \t]{1,3}["']?([^\s"'-][^\s"']{0,1023})/g;
const ELEMENT = /<([\w:.-]{1,48})>([^<>\n]{1,4096})<\//g;
const SQL = /\b(?:password|identified by)[ \t]{1,3}'([^'\n]{1,1024})'/gi;
/** `curl -u NAME:PASSWORD` */
const USER_OPTION = /(?:^|\s)(?:-u|--user)[ =]{1,3}["']?[^\s:"']{1,128}:([^\s"']{1,256})/g;

const MAX_VALUE = 8_192;
const QUOTED = /\\{0,3}["'`]/y;
const UNQUOTED = /[^\s"'`,;&<>(){}[\]|\\]{1,8192}/y;
/** Not a value but a placeholder. */
const PLACEHOLDER =
  /^(?:null|undefined|none|nil|true|false|string|str|text|required|optional|missing|yes|no|\?|[$%:@]\w{0,64}|\*{1,64}|x{3,64}|\.{3})$/i;
const SCHEME = /^(?:basic|bearer|token|digest|negotiate|apikey|hawk|aws4-hmac-sha256)[ \t]{1,3}/i;
/** A word of a sentence has no digits and no other signs. */
const WORD = /^[\p{L}.'-]{1,19}$/u;

export function findAssignments(text: string): readonly Span[] {
  const groups = [
    /[=:]/.test(text) ? namedValues(text) : [],
    text.includes('-') ? options(text) : [],
    text.includes('</') ? elements(text) : [],
    text.includes("'") ? matches(text, SQL, '[hidden]', (match) => lastGroup(match, 1, 1)) : [],
  ].filter((spans) => spans.length > 0);
  return groups.length < 2 ? (groups[0] ?? []) : inOrder(groups.flat());
}

function namedValues(text: string): readonly Span[] {
  const spans: Span[] = [];
  let done = 0;
  JOINT.lastIndex = 0;
  for (let joint = JOINT.exec(text); joint !== null; joint = JOINT.exec(text)) {
    const span = joint.index < done ? undefined : namedValue(text, joint.index);
    if (span === undefined) continue;
    spans.push(span);
    done = span.end;
  }
  return spans;
}

/** The value after the `=` or `:` at that place, if the name before it says that it is secret. */
function namedValue(text: string, at: number): Span | undefined {
  const next = text.charAt(at + 1);
  if (next === '/' || text.charAt(at - 1) === ':') return undefined;
  const { start: from, end: to } = nameBefore(text, at);
  const name = text.slice(from, to);
  const kind = from === to ? undefined : nameKind(name);
  if (kind === undefined) return undefined;
  const isLongJoint = next === '>' || (text.charAt(at) === ':' && next === '=');
  const jointEnd = at + (isLongJoint ? 2 : 1);
  let start = jointEnd;
  while (start < jointEnd + 3 && isBlank(text.charAt(start))) start += 1;
  const before = text.charAt(from - 1);
  const isTight =
    !isLongJoint && text.charAt(at) === '=' && start === jointEnd && !isBlank(text.charAt(at - 1));
  const place = kind === 'header' ? headerValue(text, start, before) : valueAt(text, start, isTight, before);
  if (place === undefined || place.end <= place.start) return undefined;
  const marker = markerUnder(kind, text.slice(place.start, place.end));
  return marker === undefined ? undefined : { ...place, marker: markerOf(name, kind, marker) };
}

/** The name that ends before a joint; a quote and a few blanks may come between. */
function nameBefore(text: string, at: number): Place {
  let end = at;
  while (end > at - 3 && isBlank(text.charAt(end - 1))) end -= 1;
  if (/["'`]/.test(text.charAt(end - 1))) end -= 1;
  for (let slashes = 0; slashes < 3 && text.charAt(end - 1) === '\\'; slashes += 1) end -= 1;
  let start = end;
  while (start > 0 && end - start < MAX_NAME && isNamePart(text.charCodeAt(start - 1))) start -= 1;
  while (start < end && !isLetter(text.charCodeAt(start))) start += 1;
  return { start, end };
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t';
const isLetter = (code: number): boolean => ((code | 0x20) - 0x61) >>> 0 < 26 || code === 0x5f;
const isNamePart = (code: number): boolean =>
  isLetter(code) || (code - 0x30) >>> 0 < 10 || code === 0x2d || code === 0x2e;

const markerOf = (name: string, kind: NameKind, marker: string): string =>
  kind === 'header' && /authorization$/i.test(name) ? '[token]' : marker;

type Place = { start: number; end: number };

/** The value that begins there; undefined for a placeholder, or when a sentence goes on there. */
function valueAt(text: string, start: number, isTight: boolean, before: string): Place | undefined {
  QUOTED.lastIndex = start;
  const open = QUOTED.exec(text)?.[0];
  if (open !== undefined) {
    const inner = start + open.length;
    const place = { start: inner, end: quotedEnd(text, inner, open) };
    return PLACEHOLDER.test(text.slice(place.start, place.end)) ? undefined : place;
  }
  UNQUOTED.lastIndex = start;
  let value = UNQUOTED.exec(text)?.[0] ?? '';
  // A fragment follows a query.
  if (before === '?' || before === '&') value = value.split('#', 1)[0] ?? '';
  if (value === '' || /^[=:>]/.test(value) || PLACEHOLDER.test(value)) return undefined;
  const place = { start, end: start + value.length };
  return isTight || !WORD.test(value) || endsLine(text, place.end) ? place : undefined;
}

/** The closing quote has as many backslashes as the opening one; a line break ends the value too. */
function quotedEnd(text: string, start: number, open: string): number {
  const quote = open.charAt(open.length - 1);
  const slashes = open.length - 1;
  const limit = Math.min(text.length, start + MAX_VALUE);
  let run = 0;
  for (let at = start; at < limit; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') return at;
    if (character === quote && run === slashes) return at - slashes;
    run = character === '\\' ? run + 1 : 0;
  }
  return limit;
}

const endsLine = (text: string, at: number): boolean =>
  /^[ \t]{0,8}(?:$|[\r\n,;"'}])/.test(text.slice(at, at + 10));

/** The rest of the line, or of the quoted text that contains the header. */
function headerValue(text: string, start: number, before: string): Place | undefined {
  const quote = before === '"' || before === "'" ? before : undefined;
  QUOTED.lastIndex = start;
  const open = QUOTED.exec(text)?.[0];
  const from = start + (open?.length ?? 0);
  let end = open === undefined ? from : quotedEnd(text, from, open);
  if (open === undefined) {
    const limit = Math.min(text.length, from + MAX_VALUE);
    const isInside = (character: string) => character !== '\n' && character !== '\r' && character !== quote;
    while (end < limit && isInside(text.charAt(end))) end += 1;
  }
  const scheme = SCHEME.exec(text.slice(from, Math.min(end, from + 24)))?.[0] ?? '';
  const value = text.slice(from + scheme.length, end);
  // A cookie has a name and a value, and `authorization: none` is a sentence.
  const isReal =
    scheme !== '' ||
    value.includes('=') ||
    (!PLACEHOLDER.test(value.trim()) && /\S \S/.test(value) && /\d/.test(value));
  if (!isReal && !/^[\w-]{1,32} \S{4,}$/.test(value)) return undefined;
  return value.startsWith('[') ? undefined : { start: from + scheme.length, end };
}

function options(text: string): readonly Span[] {
  const named = matches(text, OPTION, '[hidden]', (match) => {
    const kind = nameKind(match[1] ?? '');
    return kind === 'secret' && !PLACEHOLDER.test(match[2] ?? '') ? lastGroup(match, 2) : undefined;
  });
  const users = text.includes('-u')
    ? matches(text, USER_OPTION, '[hidden]', (match) => lastGroup(match, 1))
    : [];
  return users.length === 0 ? named : inOrder([...named, ...users]);
}

function elements(text: string): readonly Span[] {
  return matches(text, ELEMENT, '[hidden]', (match) => {
    const kind = nameKind(match[1] ?? '');
    const marker = kind && markerUnder(kind, match[2]);
    return marker === undefined ? undefined : { ...lastGroup(match, 2, 2), marker };
  });
}

/** Sorted, without those that overlap an earlier one. */
function inOrder(spans: readonly Span[]): readonly Span[] {
  let done = 0;
  return spans.toSorted(byStart).filter(({ start, end }) => {
    const isFree = start >= done;
    if (isFree) done = end;
    return isFree;
  });
}

/**
 * Values whose name in the text says that they are secret: `password=…`, `?access_token=…`, `"client_secret": "…"`, a header, an
 * element of XML, an option of a command. Each name is read once, and each value to its end, so the time stays linear.
 */
import { markerUnder, nameKind } from './names.js';
import type { Row, Span } from './spans.js';

/** What joins a name to its value, which is rarer than names, and the name on its left with a quote and a few blanks. */
const NAMED = /[=:](?!\/)(?<=(([A-Za-z_][\w.-]{0,47})\\{0,3}["'`]?[ \t]{0,3})[=:])/g;
const OPTION = /(?<before>(?<![\w-])--?([A-Za-z][\w-]{0,47})[ \t]{1,3}["']?)([^\s"'-][^\s"']{0,1023})/g;
/** `curl -u NAME:PASSWORD` */
const USER_OPTION = /(?<before>(?:^|\s)(?:-u|--user)[ =]{1,3}["']?[^\s:"']{1,128}:)[^\s"']{1,256}/g;
const ELEMENT = /(?<before><([\w:.-]{1,48})>)([^<>\n]{1,4096})(?<after><\/)/g;
const SQL = /(?<before>\b(?:password|identified by)[ \t]{1,3}')[^'\n]{1,1024}(?<after>')/gi;

const MAX_VALUE = 8_192;
const QUOTED = /\\{0,3}["'`]/y;
const UNQUOTED = /[^\s"'`,;&<>(){}[\]|\\]{1,8192}/y;
/** Not a value but a placeholder. */
const PLACEHOLDER =
  /^(?:null|undefined|none|nil|true|false|string|str|text|required|optional|missing|yes|no|\?|[$%:@]\w{0,64}|\*{1,64}|x{3,64}|\.{3})$/i;
const SCHEME = /^(?:basic|bearer|token|digest|negotiate|apikey|hawk|aws4-hmac-sha256)[ \t]{1,3}/i;
/** A word of a sentence has no digits and no other signs. */
const WORD = /^[\p{L}.'-]{1,19}$/u;

export const ASSIGNMENTS: readonly Row[] = [
  { marker: '[hidden]', pattern: NAMED, judge: namedValue },
  { marker: '[hidden]', pattern: OPTION, needs: /-/, judge: optionValue },
  { marker: '[hidden]', pattern: USER_OPTION, needs: /-u/ },
  { marker: '[hidden]', pattern: ELEMENT, needs: /<\//, judge: elementValue },
  { marker: '[hidden]', pattern: SQL, needs: /'/ },
];

/** The value after the `=` or `:`, if the name before it says that it is secret. */
function namedValue(match: RegExpExecArray): Partial<Span> | undefined {
  const { 0: joint, 1: left = '', 2: name = '', index, input: text } = match;
  const kind = nameKind(name);
  if (kind === undefined) return undefined;
  const next = text.charAt(index + 1);
  const isLongJoint = next === '>' || (joint === ':' && next === '=');
  const jointEnd = index + (isLongJoint ? 2 : 1);
  let start = jointEnd;
  while (start < jointEnd + 3 && isBlank(text.charAt(start))) start += 1;
  const before = text.charAt(index - left.length - 1);
  const isTight = !isLongJoint && joint === '=' && start === jointEnd && !isBlank(text.charAt(index - 1));
  const place = kind === 'header' ? headerValue(text, start, before) : valueAt(text, start, isTight, before);
  if (place === undefined || place.end <= place.start) return undefined;
  const marker = markerUnder(kind, text.slice(place.start, place.end));
  if (marker === undefined) return undefined;
  return { ...place, marker: kind === 'header' && /authorization$/i.test(name) ? '[token]' : marker };
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t';

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

function optionValue({ 2: name = '', 3: value = '' }: RegExpExecArray): Partial<Span> | undefined {
  return nameKind(name) === 'secret' && !PLACEHOLDER.test(value) ? {} : undefined;
}

function elementValue({ 2: name = '', 3: value }: RegExpExecArray): Partial<Span> | undefined {
  const kind = nameKind(name);
  const marker = kind && markerUnder(kind, value);
  return marker === undefined ? undefined : { marker };
}

/**
 * Turns bytes into lines for a terminal. Control characters become escapes such as `\x1b`, so that no answer can move the cursor.
 * Tokens and cookies are cut short, because screens are often shared; very long lines lose their middle.
 */
import { replaceUnseenInText } from '../../pages/unseen.js';

const SHOWN_CHARS = 12;
const MAX_LINE = 3000;
/** A token, and what may follow it; tokenCut finds its three parts. */
const JWT = /\beyJ[\w.-]+/g;
const BEARER = /^(authorization: *bearer +|barewire-session: *)(\S+)$/gim;
const COOKIES = /^((?:set-)?cookie: *)(.*)$/gim;

/** Lines of a head end in CRLF, those of a body in LF or CRLF. Any other line break becomes an escape. */
export function visibleLines(bytes: Buffer): string[] {
  const end = bytes.indexOf('\r\n\r\n');
  const isHttp = end >= 0 && /^[^\r\n]*HTTP\/\d/.test(bytes.toString('latin1', 0, end));
  if (!isHttp) return bodyLines(bytes);
  const head = textOf(bytes.subarray(0, end)).split('\r\n');
  const body = bytes.subarray(end + 4);
  return [
    ...head.map((line) => shownLine(line.replaceAll('\n', '\\x0a'))),
    ...(body.length === 0 ? [] : ['', ...bodyLines(body)]),
  ];
}

function bodyLines(bytes: Buffer): string[] {
  const lines = textOf(bytes).split(/\r?\n/);
  // A line break at the end does not begin another line.
  if (lines.at(-1) === '') lines.pop();
  return lines.map(shownLine);
}

function shownLine(line: string): string {
  const text = escaped(withoutSecrets(line));
  if (text.length <= MAX_LINE) return text;
  const half = MAX_LINE / 2 - 100;
  return `${text.slice(0, half)} … ${text.length - 2 * half} characters more … ${text.slice(-half)}`;
}

export function withoutSecrets(text: string): string {
  return text
    .replace(BEARER, (_, name: string, token: string) => `${name}${cut(token)}`)
    .replace(COOKIES, (_, name: string, value: string) => {
      return `${name}${value.split(';').map(withoutValue).join(';')}`;
    })
    .replace(JWT, tokenCut);
}

function tokenCut(text: string): string {
  const [header = '', payload = '', signature, ...rest] = text.split('.');
  if (header === 'eyJ' || payload === '' || signature === undefined) return text;
  return [cut(`${header}.${payload}.${signature}`), ...rest].join('.');
}

/** One part of a cookie header. The value is a secret unless it belongs to a standard attribute. */
function withoutValue(pair: string): string {
  const at = pair.indexOf('=') + 1;
  const attribute = /^(path|expires|max-age|samesite|domain)=$/i.test(pair.slice(0, at).trimStart());
  return at === 0 || attribute ? pair : `${pair.slice(0, at)}${cut(pair.slice(at))}`;
}

const cut = (secret: string) =>
  secret.length > SHOWN_CHARS + 1 ? `${secret.slice(0, SHOWN_CHARS)}…` : secret;

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1').replace(/[\x80-\xff]/g, hex);
  }
}

/** For a single line: a line break in it becomes an escape too. */
export function escaped(text: string): string {
  return replaceUnseenInText(text, hex).replaceAll('\n', '\\x0a');
}

function hex(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

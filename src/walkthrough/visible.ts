/**
 * Bytes of the wire as lines for a terminal: everything that is not text is written as `\x1b`, so that no answer can
 * move the cursor; tokens and cookies are cut to their beginning, for a screen is often shared; what goes on for pages
 * is cut in its middle.
 */
import { replaceUnseenInText } from '../pages/unseen.js';

const SHOWN_OF_SECRET = 12;
const LONGEST = 3000;
/** A token, and what may follow it; tokenCut finds its three parts. */
const JWT = /\beyJ[\w.-]+/g;
const BEARER = /^(authorization: *bearer +|barewire-session: *)(\S+)$/gim;
const COOKIES = /^((?:set-)?cookie: *)(.*)$/gim;

/** The lines of a head end in CRLF and those of a body in LF or CRLF; any other line break is shown as such. */
export function visibleLines(bytes: Buffer): string[] {
  const end = bytes.indexOf('\r\n\r\n');
  const isHttp = end >= 0 && /^[^\r\n]*HTTP\/\d/.test(bytes.toString('latin1', 0, end));
  if (!isHttp) return bodyLines(bytes);
  const head = textOf(bytes.subarray(0, end)).split('\r\n');
  const body = bytes.subarray(end + 4);
  return [
    ...head.map((line) => shown(line.replaceAll('\n', '\\x0a'))),
    ...(body.length === 0 ? [] : ['', ...bodyLines(body)]),
  ];
}

function bodyLines(bytes: Buffer): string[] {
  const lines = textOf(bytes).split(/\r?\n/);
  // What ends in a line break has no further line.
  if (lines.at(-1) === '') lines.pop();
  return lines.map(shown);
}

function shown(line: string): string {
  const text = escaped(withoutSecrets(line));
  if (text.length <= LONGEST) return text;
  const half = LONGEST / 2 - 100;
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

/** One part of a cookie's header: what is not an attribute of its own is a secret. */
function withoutValue(pair: string): string {
  const at = pair.indexOf('=') + 1;
  const attribute = /^(path|expires|max-age|samesite|domain)=$/i.test(pair.slice(0, at).trimStart());
  return at === 0 || attribute ? pair : `${pair.slice(0, at)}${cut(pair.slice(at))}`;
}

const cut = (secret: string) =>
  secret.length > SHOWN_OF_SECRET + 1 ? `${secret.slice(0, SHOWN_OF_SECRET)}…` : secret;

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1').replace(/[\x80-\xff]/g, hex);
  }
}

/** Line breaks that are meant as such are gone by now. */
export function escaped(text: string): string {
  return replaceUnseenInText(text, hex).replaceAll('\n', '\\x0a');
}

function hex(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Makes a text safe for one line of a terminal. Control characters become escapes such as `\x1b`, so that none can move the
 * cursor. Tokens and cookies are cut short, because screens are often shared.
 */
import { replaceUnseenInText } from '../../pages/unseen.js';

const SHOWN_CHARS = 12;
/** A token, and what may follow it; tokenCut finds its three parts. */
const JWT = /\beyJ[\w.-]+/g;
const BEARER = /^(authorization: *bearer +|barewire-session: *)(\S+)$/gim;
const COOKIES = /^((?:set-)?cookie: *)(.*)$/gim;

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

/** For a single line: a line break in it becomes an escape too. */
export function escaped(text: string): string {
  return replaceUnseenInText(text, hex).replaceAll('\n', '\\x0a');
}

function hex(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Masks what a trace must not show: access tokens, cookies, secrets recognized by name or form, and everything the audit log
 * redacts. Masking comes before storing, so that no page, terminal or file can leak a secret later. Addresses of this machine
 * stay visible, because the lesson is full of them.
 */
import { markerUnder, type NameKind, nameKind } from '../../governance/policy/detect/names.js';
import { redactSecrets } from '../../governance/policy/detect/secrets.js';
import { copyTree, redactText } from '../../governance/policy/redact.js';
import { isRecord } from '../../wire/value.js';
import { parseJson } from '../json.js';
import { readJwt } from '../transcripts/jwt.js';
import type { Header } from './headers.js';

export const HIDDEN = '[hidden]';
/** Characters of a token that are shown, enough to tell two apart. */
const SHOWN_CHARS = 10;
/** Shorter secrets are not replaced elsewhere: they would match too much. */
const MIN_SECRET = 8;

/** Headers that are secret as a whole. */
const SECRET_HEADER =
  /^(cookie|set-cookie|proxy-authorization|dpop|x-api-key|x-auth-token|barewire-session)$/i;
const SESSION = /^mcp-session-id$/i;
/** Headers in which a network address is not a secret. */
const ADDRESSES =
  /^(host|origin|referer|user-agent|location|date|www-authenticate|access-control-allow-origin)$/i;
/** Form fields and query parameters that hold OAuth's codes. */
const CODE = /^(?:code|state)$/i;
const FIELD = /([?&]|^)([\w.-]+)=([^&\s#]*)/g;
const LOOPBACK = /(\b127\.0\.0\.1\b|\[?::1\]?|\blocalhost\b)/;

export type Masker = {
  header(name: string, value: string): string;
  /** Masks the query parameters of a request line by name. */
  target(line: string): string;
  /** Returns the text unchanged if there is nothing to hide. */
  body(text: string): string;
};

/** For text that has no secrets, such as a transcript. */
export const NO_MASK: Masker = { header: (_, value) => value, target: (line) => line, body: (text) => text };

/** A masker for one exchange. It also hides the secrets of the headers wherever else they occur. */
export function maskerFor(headers: readonly Header[]): Masker {
  const secrets = secretsOf(headers);
  const withoutSecrets = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  const plain = (text: string): string => maskText(withoutSecrets(text));
  return {
    header(name, value) {
      if (/^authorization$/i.test(name)) return beginning(value);
      // Not a password, but anyone who has it can end the session.
      if (SESSION.test(name)) return cut(value);
      if (SECRET_HEADER.test(name)) return hiddenCookie(value);
      return ADDRESSES.test(name) ? redactSecrets(fields(withoutSecrets(value))) : plain(value);
    },
    target: (line) => redactSecrets(fields(withoutSecrets(line))),
    body(text) {
      const value = parseJson(text);
      if (value === undefined) return plain(fields(text));
      const masked = JSON.stringify(maskTree(value, plain));
      return masked === JSON.stringify(value) ? text : masked;
    },
  };
}

/** For text of any origin, such as the reason for a refusal. */
export function maskText(text: string): string {
  return text
    .split(LOOPBACK)
    .map((part, at) => (at % 2 === 0 ? redactText(part) : part))
    .join('');
}

/** A copy in which members with a secret's name are hidden, and every text is masked. */
export function maskTree(
  value: unknown,
  mask: (text: string) => string = maskText,
  kindOf: (name: string) => NameKind | undefined = nameKind,
): unknown {
  return copyTree<Place>(
    value,
    { name: '', kind: undefined },
    {
      leaf: (leaf, { name, kind }) => {
        if (typeof leaf === 'string' && leaf !== '' && name === 'requestState') return cut(leaf);
        const marker = kind && markerUnder(kind, leaf);
        if (marker !== undefined) return marker;
        return typeof leaf === 'string' && leaf !== '' ? maskInner(leaf, mask) : leaf;
      },
      // Everything below a secret's name is secret too.
      child: (_container, place, key) =>
        typeof key === 'string' ? { name: key, kind: place.kind ?? kindOf(key) } : place,
      rename: (names) => distinct(names.map(mask)),
    },
  );
}

type Place = { name: string; kind: NameKind | undefined };

function isSecret(name: string): boolean {
  const kind = nameKind(name);
  return kind === 'secret' || kind === 'header';
}

/** Results repeat their structured content as JSON in a text. */
function maskInner(text: string, mask: (text: string) => string): string {
  const inner = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (inner === undefined) return mask(text);
  const masked = JSON.stringify(maskTree(inner, mask));
  return masked === JSON.stringify(inner) ? text : masked;
}

/** Header and claims of a bearer token that is a JWT, masked. */
export function readToken(
  authorization: string | undefined,
): { header: unknown; claims: unknown } | undefined {
  const token = readJwt(/^bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
  if (!isRecord(token?.header) || !isRecord(token.claims)) return undefined;
  return { header: maskTree(token.header), claims: maskTree(token.claims) };
}

function secretsOf(headers: readonly Header[]): string[] {
  const secrets = headers.flatMap(({ name, value }) => {
    if (/^authorization$/i.test(name)) return value.split(/[ ,]+/).slice(1);
    if (SESSION.test(name)) return [value];
    if (SECRET_HEADER.test(name)) return value.split(/[;,=] */);
    return [];
  });
  // The longest first, because a part of it may be a secret as well.
  return [...new Set(secrets)]
    .filter(({ length }) => length >= MIN_SECRET)
    .sort((one, other) => other.length - one.length);
}

function beginning(value: string): string {
  const [, scheme = '', token = ''] = /^([\w-]+) +(.+)$/s.exec(value) ?? [];
  if (token === '') return value === '' ? '' : HIDDEN;
  // The beginning is a part of the client's id, or of its secret.
  if (scheme.toLowerCase() === 'basic') return `${scheme} … (${token.length} characters)`;
  return `${scheme} ${cut(token)}`;
}

/** Shows at most a quarter: ten characters might be most of a short secret. */
function cut(secret: string): string {
  return `${secret.slice(0, Math.min(SHOWN_CHARS, Math.floor(secret.length / 4)))}… (${secret.length} characters)`;
}

function hiddenCookie(value: string): string {
  return value
    .split('; ')
    .map((part) => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=${HIDDEN}` : HIDDEN))
    .join('; ');
}

function fields(text: string): string {
  return text.replace(FIELD, (whole, mark: string, name: string, value: string) =>
    (CODE.test(name) || isSecret(name)) && value !== '' ? `${mark}${name}=${HIDDEN}` : whole,
  );
}

function distinct(names: readonly string[]): readonly string[] {
  const takenNames = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 2; takenNames.has(free); count += 1) free = `${name}#${count}`;
    takenNames.add(free);
    return free;
  });
}

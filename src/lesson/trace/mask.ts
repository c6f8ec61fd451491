/**
 * What a trace must not show: access tokens, cookies, secrets by their names and by their form, and whatever the audit log
 * would redact. Everything is masked before it is kept, so that no page, terminal or file can leak it later. Addresses of
 * this machine stay, for a lesson is full of them.
 */
import { markerUnder, type NameKind, nameKind } from '../../governance/policy/detect/names.js';
import { redactSecrets } from '../../governance/policy/detect/secrets.js';
import { redactText } from '../../governance/policy/redact.js';
import { copyTree } from '../../governance/policy/tree.js';
import { isRecord } from '../../wire/value.js';

export const HIDDEN = '[hidden]';
/** Characters of a token that are shown: enough to tell two apart. */
const SHOWN = 10;
/** Shorter texts stand in too many places to be looked for everywhere. */
const WORTH_FINDING = 8;

/** Headers that are secret as a whole. */
const SECRET_HEADER =
  /^(cookie|set-cookie|proxy-authorization|dpop|x-api-key|x-auth-token|barewire-session)$/i;
const SESSION = /^mcp-session-id$/i;
/** Headers in which a network address is no secret. */
const ADDRESSES =
  /^(host|origin|referer|user-agent|location|date|www-authenticate|access-control-allow-origin)$/i;
/** Fields of a form and parameters of a query, where OAuth has its codes. */
const CODE = /^(?:code|state)$/i;
const FIELD = /([?&]|^)([\w.-]+)=([^&\s#]*)/g;
const LOOPBACK = /(\b127\.0\.0\.1\b|\[?::1\]?|\blocalhost\b)/;

export type Header = { name: string; value: string };

export type Masker = {
  header(name: string, value: string): string;
  /** A request line: parameters of the query by their names. */
  target(line: string): string;
  /** The text as it was where nothing had to be hidden. */
  body(text: string): string;
};

/** For one exchange: what its head shows to be secret is hidden wherever else it stands. */
export function maskerFor(headers: readonly Header[]): Masker {
  const secrets = secretsOf(headers);
  const known = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  const plain = (text: string): string => maskText(known(text));
  return {
    header(name, value) {
      if (/^authorization$/i.test(name)) return beginning(value);
      // Not a password, but whoever has it may end the session.
      if (SESSION.test(name)) return cut(value);
      if (SECRET_HEADER.test(name)) return hiddenCookie(value);
      return ADDRESSES.test(name) ? redactSecrets(fields(known(value))) : plain(value);
    },
    target: (line) => redactSecrets(fields(known(line))),
    body(text) {
      const value = parsed(text);
      if (value === undefined) return plain(fields(text));
      const masked = maskTree(value, plain);
      const shown = JSON.stringify(masked);
      return shown === JSON.stringify(value) ? text : shown;
    },
  };
}

/** Text of any origin, such as the reason of a refusal. */
export function maskText(text: string): string {
  return text
    .split(LOOPBACK)
    .map((part, at) => (at % 2 === 0 ? redactText(part) : part))
    .join('');
}

/** A copy in which members with a secret's name are hidden, and every text is masked. */
export function maskTree(value: unknown, mask: (text: string) => string = maskText): unknown {
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
      // Everything below a telling name is of its kind.
      enter: (container, place) => (key) =>
        isRecord(container) ? { name: String(key), kind: place.kind ?? nameKind(String(key)) } : place,
      rename: (names) => distinct(names.map(mask)),
    },
  );
}

type Place = { name: string; kind: NameKind | undefined };

function isSecret(name: string): boolean {
  const kind = nameKind(name);
  return kind === 'secret' || kind === 'header';
}

/** Results repeat themselves as JSON within a text. */
function maskInner(text: string, mask: (text: string) => string): string {
  const inner = /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (inner === undefined) return mask(text);
  const masked = JSON.stringify(maskTree(inner, mask));
  return masked === JSON.stringify(inner) ? text : masked;
}

/** What a JWT says: its header and claims. Who signed it is the verifier's matter, and the signature is left out. */
export function readToken(
  authorization: string | undefined,
): { header: unknown; claims: unknown } | undefined {
  const [, header = '', claims = ''] =
    /^bearer +([\w-]+)\.([\w-]+)\.[\w-]*$/i.exec(authorization ?? '') ?? [];
  const read = (part: string): unknown => parsed(Buffer.from(part, 'base64url').toString('utf8'));
  const said = { header: read(header), claims: read(claims) };
  if (!isRecord(said.header) || !isRecord(said.claims)) return undefined;
  return { header: maskTree(said.header), claims: maskTree(said.claims) };
}

function secretsOf(headers: readonly Header[]): string[] {
  const found = headers.flatMap(({ name, value }) => {
    if (/^authorization$/i.test(name)) return value.split(/[ ,]+/).slice(1);
    if (SESSION.test(name)) return [value];
    if (SECRET_HEADER.test(name)) return value.split(/[;,=] */);
    return [];
  });
  // The longest first: a part of it may be a secret as well.
  return [...new Set(found)]
    .filter(({ length }) => length >= WORTH_FINDING)
    .sort((one, other) => other.length - one.length);
}

function beginning(value: string): string {
  const [, scheme = '', token = ''] = /^([\w-]+) +(.+)$/s.exec(value) ?? [];
  return token === '' ? (value === '' ? '' : HIDDEN) : `${scheme} ${cut(token)}`;
}

/** Of a short secret less is shown: ten characters might be most of it. */
function cut(secret: string): string {
  return `${secret.slice(0, Math.min(SHOWN, Math.floor(secret.length / 4)))}… (${secret.length} characters)`;
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
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 2; taken.has(free); count += 1) free = `${name}#${count}`;
    taken.add(free);
    return free;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * When two URIs are the same: scheme and host in any case, `.` and `..` resolved, a character that needs no percent signs
 * with or without them, and one that no URI may hold, such as a space or an é, as its percent-encoded UTF-8. A reserved
 * character stays apart from its encoded form: `%2F` is no slash.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */

/** A triplet, or characters that are neither reserved nor unreserved. Half of a surrogate pair has no UTF-8. */
const ENCODED_OR_FOREIGN = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%\p{Cs}-]+/gu;
const UNRESERVED = /[A-Za-z0-9._~-]/;
const EXPRESSION = /(\{[^{}]*\})/;

/** The parts that are compared in different ways; a relative reference is all `path`. */
export type UriParts = {
  /** In lower case, with its colon. */
  scheme: string;
  /** From `//` to the host. */
  userinfo: string;
  /** With the port, in the case it was written in. */
  host: string;
  /** With query and fragment. */
  path: string;
};

export function readUri(text: string): UriParts {
  return partsOf(encodeForeign(text));
}

/** The same of a URI template, whose expressions stay as they are. */
export function readTemplate(text: string): UriParts {
  return partsOf(eachLiteral(text, encodeForeign));
}

function partsOf(encoded: string): UriParts {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(encoded)?.[0] ?? '';
  if (scheme === '') return { scheme, userinfo: '', host: '', path: encoded };
  const rest = encoded.slice(scheme.length);
  const authority = /^\/\/[^/?#]*/.exec(rest)?.[0] ?? '';
  const at = authority === '' ? 0 : Math.max(authority.lastIndexOf('@') + 1, 2);
  return {
    scheme: scheme.toLowerCase(),
    userinfo: authority.slice(0, at),
    host: authority.slice(at),
    path: withoutDots(rest.slice(authority.length)),
  };
}

/** The same text for every spelling of one URI. */
export function uriKey(text: string): string {
  return keyOf(readUri(text));
}

export function keyOf({ scheme, userinfo, host, path }: UriParts): string {
  return scheme + userinfo + host.toLowerCase() + path;
}

/** The same text for every spelling of one template; the names of its variables keep their case. */
export function templateKey(text: string): string {
  const { scheme, userinfo, host, path } = readTemplate(text);
  return scheme + userinfo + eachLiteral(host, (literal) => literal.toLowerCase()) + path;
}

/** A template with what stands between its expressions changed. */
function eachLiteral(template: string, change: (literal: string) => string): string {
  const parts = template.split(EXPRESSION);
  return parts.map((part, at) => (at % 2 === 0 ? change(part) : part)).join('');
}

function encodeForeign(text: string): string {
  return text.replace(ENCODED_OR_FOREIGN, (part) => {
    if (!part.startsWith('%')) return encodeURIComponent(part);
    const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
    return UNRESERVED.test(character) ? character : part.toUpperCase();
  });
}

/** A path that begins with a slash, its `.` and `..` resolved (RFC 3986, section 5.2.4). */
function withoutDots(text: string): string {
  const path = /^[^?#]*/.exec(text)?.[0] ?? '';
  if (!path.startsWith('/') || !path.includes('/.')) return text;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  // What ends in a dot segment names the folder.
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}${text.slice(path.length)}`;
}

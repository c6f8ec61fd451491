/**
 * When two URIs are the same. The case of scheme and host does not count, `.` and `..` are resolved, unreserved characters are decoded,
 * and characters that no URI may hold, such as a space or an é, are encoded as UTF-8. A reserved character differs from its encoded
 * form: `%2F` is not a slash.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */

/** A percent triplet, or characters that no URI may hold. Half of a surrogate pair has no UTF-8 form. */
const ENCODED_OR_FOREIGN = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%\p{Cs}-]+/gu;
const UNRESERVED = /[A-Za-z0-9._~-]/;
const EXPRESSION = /(\{[^{}]*\})/;

/** The parts that compare differently; a relative reference is all `path`. */
type UriParts = {
  /** In lower case, with its colon. */
  scheme: string;
  /** From `//` to the host. */
  userinfo: string;
  /** With the port, in its original case. */
  host: string;
  /** With query and fragment. */
  path: string;
};

function readUri(text: string): UriParts {
  return partsOf(encodeForeign(text));
}

/** The same for a URI template, whose expressions stay as they are. */
function readTemplate(text: string): UriParts {
  return partsOf(eachLiteral(text, encodeForeign));
}

function partsOf(uri: string): UriParts {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(uri)?.[0] ?? '';
  if (scheme === '') return { scheme, userinfo: '', host: '', path: uri };
  const rest = uri.slice(scheme.length);
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

/** Applies `change` to the text between the expressions of a template. */
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
  const resolvedSegments: string[] = [];
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '..') resolvedSegments.pop();
    else if (segment !== '.') resolvedSegments.push(segment);
  }
  // A path that ends in a dot segment names the folder.
  const last = segments.at(-1);
  if (last === '.' || last === '..') resolvedSegments.push('');
  return `/${resolvedSegments.join('/')}${text.slice(path.length)}`;
}

export type UriTemplate = {
  /** The percent-decoded values of the variables; undefined if the URI does not match. */
  match(uri: string): { [name: string]: string } | undefined;
};

/** A variable and the text that follows it. */
type Slot = { name: string; spansSegments: boolean; literal: string };

export function parseUriTemplate(text: string): UriTemplate {
  const variables: string[] = [];
  for (const [expression, inner = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    const name = /^\+?([A-Za-z_][A-Za-z0-9_]*)$/.exec(inner)?.[1];
    if (name === undefined)
      throw new SyntaxError(`uriTemplate ${text}: ${expression} is not {name} or {+name}`);
    if (variables.includes(name)) throw new SyntaxError(`uriTemplate ${text} has {${name}} twice`);
    variables.push(name);
  }
  if (variables.length === 0)
    throw new SyntaxError(`uriTemplate ${text}: a template has at least one {name}`);
  const [prefix, slots] = readSlots(text);
  return {
    match(uri) {
      const parts = readUri(uri);
      const ends = matchSlots(prefix, slots, keyOf(parts));
      if (ends === undefined) return undefined;
      // The key has the host in lower case; a variable in the host gets its original case.
      const original = parts.scheme + parts.userinfo + parts.host + parts.path;
      let at = prefix.length;
      const values = slots.map(({ name, literal }, index): [string, string] => {
        const end = ends[index] ?? at;
        const value = original.slice(at, end);
        at = end + literal.length;
        return [name, value];
      });
      try {
        return Object.fromEntries(values.map(([name, value]) => [name, decodeURIComponent(value)]));
      } catch {
        return undefined; // a stray percent sign
      }
    },
  };
}

/** The text before the first variable, and the variables. Names keep their case, even in the host, whose case does not count. */
function readSlots(template: string): [prefix: string, slots: Slot[]] {
  const { scheme, userinfo, host, path } = readTemplate(template);
  const pieces = (scheme + userinfo + host + path).split(/\{(\+?[^{}]*)\}/);
  const literals = keyOf({ scheme, userinfo, host, path }).split(/\{\+?[^{}]*\}/);
  const slots = literals.slice(1).map((literal, index): Slot => {
    const expression = pieces[2 * index + 1] ?? '';
    return { name: expression.replace('+', ''), spansSegments: expression.startsWith('+'), literal };
  });
  return [literals[0] ?? '', slots];
}

const SEGMENT_END = new Set(['/', '?', '#']);

/**
 * Where each variable ends; earlier variables are as long as possible. The time is linear in the length of the text, which a regular
 * expression with two variables does not guarantee.
 */
function matchSlots(prefix: string, slots: readonly Slot[], text: string): number[] | undefined {
  const last = slots.at(-1)?.literal ?? '';
  if (!text.startsWith(prefix) || !text.endsWith(last)) return undefined;
  // For each slot and each position where it may begin: the furthest position where it may end, or 0.
  const furthestEnds: Uint32Array[] = [];
  for (const [index, { spansSegments, literal }] of [...slots.entries()].reverse()) {
    const next = furthestEnds[index + 1];
    const ends = new Uint32Array(text.length + 1);
    let best = 0;
    for (let at = text.length - 1; at >= prefix.length; at -= 1) {
      const end = at + 1;
      const follows =
        next === undefined ? end === text.length - last.length : (next[end + literal.length] ?? 0) > 0;
      if (!spansSegments && SEGMENT_END.has(text[at] ?? '')) best = 0;
      else {
        if (best === 0 && follows && text.startsWith(literal, end)) best = end;
        ends[at] = best;
      }
    }
    furthestEnds[index] = ends;
  }
  const ends: number[] = [];
  let at = prefix.length;
  for (const [index, { literal }] of slots.entries()) {
    const end = furthestEnds[index]?.[at] ?? 0;
    if (end === 0) return undefined;
    ends.push(end);
    at = end + literal.length;
  }
  return ends;
}

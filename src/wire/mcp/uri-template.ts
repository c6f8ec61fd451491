/**
 * URI templates of RFC 6570, the part that can be read backwards: `{name}` stands for one path segment's worth of text,
 * `{+name}` for any, slashes included. Other operators are refused when the template is registered. What stands between the
 * variables is compared as uri.ts says, so that `é` in a template fits the `%C3%A9` of a URI (section 3.1).
 *
 * @see https://www.rfc-editor.org/rfc/rfc6570
 */
import { keyOf, readTemplate, readUri } from './uri.js';

export type UriTemplate = {
  text: string;
  variables: string[];
  /** The variables' values, percent-decoded, when the URI fits. */
  match(uri: string): { [name: string]: string } | undefined;
};

/** A variable, and the text between it and the next one or the end. */
type Slot = { name: string; spansSegments: boolean; literal: string };

export function parseUriTemplate(text: string): UriTemplate {
  const variables: string[] = [];
  for (const [expression, inner = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    const name = /^\+?([A-Za-z_][A-Za-z0-9_]*)$/.exec(inner)?.[1];
    if (name === undefined)
      throw new SyntaxError(`uriTemplate ${text}: ${expression} is not {name} or {+name}`);
    if (variables.includes(name)) throw new SyntaxError(`uriTemplate ${text}: {${name}} stands there twice`);
    variables.push(name);
  }
  if (variables.length === 0)
    throw new SyntaxError(`uriTemplate ${text}: a template has at least one {name}`);
  const [prefix, slots] = readSlots(text);
  return {
    text,
    variables,
    match(uri) {
      const parts = readUri(uri);
      const ends = matchSlots(prefix, slots, keyOf(parts));
      if (ends === undefined) return undefined;
      // A host is the same in any case, and a variable in it is given as it was written.
      const spelled = parts.scheme + parts.userinfo + parts.host + parts.path;
      let at = prefix.length;
      const values = slots.map(({ name, literal }, index): [string, string] => {
        const end = ends[index] ?? at;
        const value = spelled.slice(at, end);
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

/** The text before the first variable, and the variables. Names are read apart from the host, whose case does not count. */
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
 * Where each variable ends, earlier ones as long as they can be. The time grows with the length of the text and no faster,
 * which a regular expression with two variables does not promise.
 */
function matchSlots(prefix: string, slots: readonly Slot[], text: string): number[] | undefined {
  const last = slots.at(-1)?.literal ?? '';
  if (!text.startsWith(prefix) || !text.endsWith(last)) return undefined;
  // For each slot, by the place where it begins: the furthest place where it may end, or 0.
  const furthest: Uint32Array[] = [];
  for (const [index, { spansSegments, literal }] of [...slots.entries()].reverse()) {
    const next = furthest[index + 1];
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
    furthest[index] = ends;
  }
  const found: number[] = [];
  let at = prefix.length;
  for (const [index, { literal }] of slots.entries()) {
    const end = furthest[index]?.[at] ?? 0;
    if (end === 0) return undefined;
    found.push(end);
    at = end + literal.length;
  }
  return found;
}

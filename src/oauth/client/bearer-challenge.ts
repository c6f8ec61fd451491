/**
 * Reads `WWW-Authenticate`: one header may hold several challenges, and several headers one each.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
import { isScope } from '../scopes.js';

export type BearerChallenge = {
  /** The scopes that the request needs; none if the server does not say. */
  scopes: readonly string[];
  error?: string;
  resourceMetadata?: string;
};

const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const GAP = /[ \t,]*/y;
const PARAMETER = new RegExp(`(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`, 'y');
const SCHEME = new RegExp(`${TOKEN}`, 'y');
/** Credentials of other schemes, such as `Negotiate YII=`. */
const TOKEN68 = /[ \t]+[\w.~+/-]+=*(?=[ \t]*(?:,|$))/y;

/** The Bearer challenge that says most; undefined if there is none. */
export function readBearerChallenge(values: readonly string[]): BearerChallenge | undefined {
  const all = values.flatMap(readChallenges).filter(({ scheme }) => scheme === 'bearer');
  const best = all.find(({ parameters }) => parameters.has('resource_metadata')) ?? all[0];
  if (best === undefined) return undefined;
  const { parameters } = best;
  const [error, resourceMetadata] = [parameters.get('error'), parameters.get('resource_metadata')];
  return {
    scopes: splitScopes(parameters.get('scope')),
    ...(error === undefined ? {} : { error }),
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
  };
}

/** Each scope once. What cannot be a scope is left out. */
export function splitScopes(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter(isScope))];
}

type Challenge = { scheme: string; parameters: Map<string, string> };

/** Ends at the first character that no challenge can have there. */
function readChallenges(text: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(GAP);
    const current = challenges.at(-1);
    const parameter = current === undefined ? null : take(PARAMETER);
    if (current !== undefined && parameter !== null) {
      const [, name = '', quotedValue, plain = ''] = parameter;
      const value = quotedValue?.replace(/\\(.)/g, '$1') ?? plain;
      // A repeated parameter is an error; the first one counts.
      if (!current.parameters.has(name.toLowerCase())) current.parameters.set(name.toLowerCase(), value);
      continue;
    }
    const scheme = take(SCHEME)?.[0].toLowerCase();
    if (scheme === undefined) break;
    challenges.push({ scheme, parameters: new Map() });
    take(TOKEN68);
  }
  return challenges;
}

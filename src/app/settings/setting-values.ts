/**
 * How the text of a setting is read: each reader gives the value, or throws a RangeError that says what was expected.
 * Which setting is read how is the table in config.ts.
 */
import { readResource, resourceIdentifier } from '../../oauth/protected-resource.js';

export const text = (value: string): string => value;
export const list = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export function atLeast(characters: number): (value: string) => string {
  return (value) => {
    if (value.length >= characters) return value;
    throw new RangeError(`expected at least ${characters} characters`);
  };
}

export function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    throw new RangeError(`expected a whole number from ${least} to ${most}`);
  };
}

export function yesOrNo(value: string): boolean {
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw new RangeError('expected 1, 0, true or false');
}

export function sealingKeys(value: string): string[] {
  const keys = list(value);
  if (keys.every((key) => /^[\w-]{43}$/.test(key))) return keys;
  throw new RangeError(
    `expected 32 bytes in base64url for each key; node -p "crypto.randomBytes(32).toString('base64url')" makes one`,
  );
}

/** Used in URLs as it is, so it has only characters that need no escaping there. */
export function operatorSecret(value: string): string {
  if (/^[\w-]{20,200}$/.test(value)) return value;
  throw new RangeError(
    `expected 20 to 200 letters, digits, "-" and "_", received ${value.length} characters`,
  );
}

export const publicUrl = (value: string): string => resourceIdentifier(readResource(value));

// An issuer is compared letter by letter, so it stays as it was written.
export function issuers(value: string): string[] {
  const given = list(value);
  for (const issuer of given) readResource(issuer.replace(/\/$/, ''));
  return given;
}

export function credentials(value: string): { clientId: string; clientSecret: string } {
  const [, clientId, clientSecret] = /^([^:]+):(.+)$/.exec(value) ?? [];
  if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
  throw new RangeError('expected CLIENT_ID:CLIENT_SECRET');
}

export function implications(value: string): { [scope: string]: readonly string[] } {
  const implied = new Map<string, string[]>();
  for (const item of list(value)) {
    const [, scope, others] = /^([^=\s]+)=([^=\s]+)$/.exec(item) ?? [];
    if (scope === undefined || others === undefined)
      throw new RangeError('expected SCOPE=SCOPE, or SCOPE=SCOPE+SCOPE, separated by commas');
    implied.set(scope, [...(implied.get(scope) ?? []), ...others.split('+')]);
  }
  return Object.fromEntries(implied);
}

/** `600` for all tools, `jira.create=10` for one, 0 for no limit; separated by commas. */
export function callsPerMinute(value: string): { all?: number; tools?: { [tool: string]: number } } {
  const items = list(value);
  const all = items.filter((item) => !item.includes('='));
  if (all.length > 1) throw new RangeError('expected one number for all tools, and TOOL=N for single ones');
  const tools = byTool(items.filter((item) => item.includes('=')).join(','));
  return { ...(all[0] === undefined ? {} : { all: whole(0, 1_000_000)(all[0]) }), tools };
}

export function byTool(value: string): { [tool: string]: number } {
  const read = whole(0, 1_000_000);
  const pairs = list(value).map((item): [string, number] => {
    const [, tool, number] = /^([A-Za-z0-9_.-]{1,128})=(\d+)$/.exec(item) ?? [];
    if (tool === undefined || number === undefined)
      throw new RangeError('expected TOOL=N, separated by commas');
    return [tool, read(number)];
  });
  return Object.fromEntries(pairs);
}

/** A client that may have no secret. */
export function client(value: string): { id: string; secret?: string } {
  const [, id, secret] = /^([^:]+)(?::(.+))?$/.exec(value) ?? [];
  if (id === undefined) throw new RangeError('expected CLIENT_ID or CLIENT_ID:SECRET');
  return secret === undefined ? { id } : { id, secret };
}

/** `99.9,250`: percent of requests answered, milliseconds of the 99th of a hundred. */
export function slo(value: string): { availabilityPercent: number; p99Ms: number } {
  const [, percent, ms] = /^(\d+(?:\.\d+)?),(\d+)$/.exec(value) ?? [];
  const [availabilityPercent, p99Ms] = [Number(percent), Number(ms)];
  if (availabilityPercent > 0 && availabilityPercent <= 100 && p99Ms > 0)
    return { availabilityPercent, p99Ms };
  throw new RangeError('expected a percentage and milliseconds, like 99.9,250');
}

/** Whether a URL in the text has a password, which connection URLs carry before the host or in a parameter. */
export function holdsPassword(text: string): boolean {
  if (/[?&]password=/i.test(text)) return true;
  // A connection URL may have a password but no host; the URL class rejects that. A list has several URLs.
  if (!URL.canParse(text))
    return text
      .split('://')
      .slice(1)
      .some((rest) => rest.slice(0, Math.max(0, rest.indexOf('@'))).includes(':'));
  return new URL(text).password !== '';
}

/** Whether a client's setting includes its secret. */
export const holdsClientSecret = (text: string): boolean => text.includes(':');

/** One of a few words. */
export function oneOf<Word extends string>(...words: readonly Word[]): (value: string) => Word {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new RangeError(`expected ${words.join(' or ')}`);
  };
}

export function httpUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new RangeError('expected an http or https URL');
  // fetch rejects URLs with credentials.
  if (url.username !== '' || url.password !== '') throw new RangeError('expected a URL without credentials');
  return value;
}

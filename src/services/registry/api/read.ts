/** Query parameters and bodies, read strictly: what is not understood is refused by name rather than passed over. */
import { isRecord, type JsonObject } from '../../../wire/value.js';
import type { Query } from '../search/search.js';
import { wrong } from './answer.js';

const STATES = ['on', 'off', 'quarantined', 'pending', 'failing'] as const;
const MAX_OFFSET = 100_000;
export const MAX_LIMIT = 200;
const LIMIT = 50;

export function onlyKnown(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name))
      wrong(name, `one of the parameters ${known.join(', ') || '(there are none)'}`, query.get(name));
    if (query.getAll(name).length > 1) wrong(name, 'one value', query.getAll(name));
  }
}

export function whole(
  query: URLSearchParams,
  name: string,
  standard: number,
  most: number,
  least = 0,
): number {
  const text = query.get(name);
  if (text === null) return standard;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most
    ? number
    : wrong(name, `a whole number from ${least} to ${most}`, text);
}

export function limitIn(query: URLSearchParams, standard = LIMIT): number {
  return whole(query, 'limit', standard, MAX_LIMIT, 1);
}

export function choice<T extends string>(
  query: URLSearchParams,
  name: string,
  of: readonly T[],
): T | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  return of.find((one) => one === text) ?? wrong(name, of.join(' or '), text);
}

/** An empty parameter is one that was not given: that is what forms send. */
export function searchIn(query: URLSearchParams, standardLimit = LIMIT): Query {
  const owner = query.get('owner') ?? '';
  const scope = query.get('scope') ?? '';
  const destructive = choice(query, 'destructive', ['true', 'false']);
  const state = choice(query, 'state', STATES);
  return {
    q: query.get('q') ?? '',
    ...(owner === '' ? {} : { owner }),
    ...(scope === '' ? {} : { scope }),
    ...(destructive === undefined ? {} : { destructive: destructive === 'true' }),
    ...(state === undefined ? {} : { state }),
    offset: whole(query, 'offset', 0, MAX_OFFSET),
    limit: limitIn(query, standardLimit),
  };
}
export const SEARCH_PARAMETERS = ['q', 'owner', 'scope', 'destructive', 'state', 'offset', 'limit'] as const;

type Members = { [name: string]: 'string' | 'boolean' };
type Read<M extends Members> = { [Name in keyof M]: M[Name] extends 'string' ? string : boolean };

/** A JSON object with these members and no others. */
export function bodyIn<M extends Members>(value: unknown, members: M): Read<M> {
  if (!isRecord(value)) return wrong('body', `a JSON object with ${Object.keys(members).join(', ')}`, value);
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name))
      wrong(name, `no such member; there is ${Object.keys(members).join(', ')}`, value[name]);
  }
  for (const [name, type] of Object.entries(members)) {
    if (typeof value[name] !== type) wrong(name, `a ${type}`, value[name]);
  }
  return value as JsonObject as Read<M>;
}

/** Strict readers of query parameters, as the OpenAPI document describes them, and of JSON bodies. */
import { isRecord, type JsonObject } from '../../../wire/value.js';
import type { Query } from '../search/types.js';
import { invalid } from './response.js';

type Parameter<Value> = {
  description: string;
  schema: JsonObject;
  read(query: URLSearchParams): Value;
};

function text(name: string, description: string, format: JsonObject = {}): Parameter<string> {
  return { description, schema: { type: 'string', ...format }, read: (query) => query.get(name) ?? '' };
}

/** A form sends an empty text where nobody has chosen. */
function choice<T extends string>(
  name: string,
  description: string,
  values: readonly T[],
): Parameter<T | undefined> {
  return {
    description,
    schema: { enum: values },
    read(query) {
      const value = query.get(name) ?? '';
      if (value === '') return undefined;
      return values.find((one) => one === value) ?? invalid(name, values.join(' or '), value);
    },
  };
}

type Bounds = { minimum: number; maximum?: number; default?: number };

function integer(name: string, description: string, bounds: Bounds): Parameter<number> {
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = bounds;
  return {
    description,
    schema: { type: 'integer', ...bounds },
    read(query) {
      const value = query.get(name);
      if (value === null) return bounds.default ?? maximum;
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= minimum && number <= maximum
        ? number
        : invalid(name, `a whole number from ${minimum} to ${maximum}`, value);
    },
  };
}

export const PARAMETERS = {
  cursor: text('cursor', 'nextCursor of the page before.'),
  limit: integer('limit', 'How many to list at most.', { minimum: 1, maximum: 200, default: 50 }),
  offset: integer('offset', 'How many to skip.', { minimum: 0, default: 0 }),
  before: integer('before', 'nextBefore of the page before.', { minimum: 1 }),
  q: text(
    'q',
    'Words, of which the last may be unfinished, and phrases in double quotes. Typos are forgiven.',
  ),
  owner: text('owner', 'Only servers of that owner.'),
  scope: text('scope', 'Only servers with a tool that needs that scope.'),
  destructive: choice('destructive', 'Only servers with such a tool.', ['true', 'false']),
  state: choice(
    'state',
    'Only servers in that state; quarantined also where a tool is, failing where the last check found errors.',
    ['on', 'off', 'quarantined', 'pending', 'failing'],
  ),
  severity: choice('severity', 'Only findings of that severity.', ['error', 'warning', 'info']),
  url: text('url', 'The URL of an MCP endpoint.', { format: 'uri' }),
};
export type ParameterName = keyof typeof PARAMETERS;

export function checkQuery(query: URLSearchParams, names: readonly string[]): void {
  for (const name of query.keys()) {
    if (!names.includes(name))
      invalid(name, `one of the parameters ${names.join(', ') || '(there are none)'}`, query.get(name));
    if (query.getAll(name).length > 1) invalid(name, 'one value', query.getAll(name));
  }
}

export const SEARCH_PARAMETERS = ['q', 'owner', 'scope', 'destructive', 'state', 'offset', 'limit'] as const;

export function readSearch(parameters: URLSearchParams): Query {
  const destructive = PARAMETERS.destructive.read(parameters);
  return {
    q: PARAMETERS.q.read(parameters),
    owner: PARAMETERS.owner.read(parameters) || undefined,
    scope: PARAMETERS.scope.read(parameters) || undefined,
    destructive: destructive && destructive === 'true',
    state: PARAMETERS.state.read(parameters),
    offset: PARAMETERS.offset.read(parameters),
    limit: PARAMETERS.limit.read(parameters),
  };
}

type Members = { [name: string]: 'string' | 'boolean' };
type Body<M extends Members> = { [Name in keyof M]: M[Name] extends 'string' ? string : boolean };

/** A JSON object with these members and no others. @throws RequestError */
export function readMembers<M extends Members>(value: unknown, members: M): Body<M> {
  const names = Object.keys(members).join(', ');
  if (!isRecord(value)) return invalid('body', `a JSON object with ${names}`, value);
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) invalid(name, `no such member; there is ${names}`, value[name]);
  }
  for (const [name, type] of Object.entries(members)) {
    if (typeof value[name] !== type) invalid(name, `a ${type}`, value[name]);
  }
  return value as JsonObject as Body<M>;
}

/** The parameters that a tool's schema mirrors into headers with `x-mcp-header`, and what is wrong with the annotations. */
import type { MirroredParam } from '../../wire/mcp/request-headers.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Finding } from './rule.js';
import { quote, show } from './show.js';

export type { MirroredParam };
/** What is wrong with an annotation, and the clause that says so. */
export type Fault = Finding & { clause: string };

const KEY = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = ['string', 'integer', 'boolean'] as const;
/** Their values are data, not schemas. */
const DATA: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples', 'required']);
const MAX_DEPTH = 32;
const MAX_ANNOTATIONS = 100;

type Mirrored = { params: MirroredParam[]; faults: Fault[] };
/** Several rules ask about each schema of a list. */
const readings = new WeakMap<JsonObject, Mirrored>();

export function readMirrored(inputSchema: JsonObject, where: string): Mirrored {
  const reading = readings.get(inputSchema) ?? read(inputSchema, where);
  readings.set(inputSchema, reading);
  return reading;
}

function read(inputSchema: JsonObject, where: string): Mirrored {
  const params: MirroredParam[] = [];
  const faults: Fault[] = [];
  // `path` is undefined outside of what "properties" alone lead to.
  const visit = (value: unknown, place: string, path: string[] | undefined, depth: number): void => {
    if (depth > MAX_DEPTH || params.length + faults.length >= MAX_ANNOTATIONS) return;
    if (Array.isArray(value)) for (const part of value) visit(part, place, undefined, depth + 1);
    if (!isRecord(value)) return;
    if (KEY in value) readOne(value, place, path, params, faults);
    for (const [name, part] of Object.entries(value)) {
      if (DATA.has(name)) continue;
      if (MAPS.has(name) && isRecord(part)) {
        for (const [member, schema] of Object.entries(part)) {
          const inner = name === 'properties' && path !== undefined ? [...path, member] : undefined;
          visit(schema, `${place}.${name}.${member.slice(0, 60)}`, inner, depth + 1);
        }
      } else visit(part, `${place}.${name.slice(0, 60)}`, undefined, depth + 1);
    }
  };
  visit(inputSchema, where, [], 0);
  return { params, faults };
}
/** Keywords whose members are named by the author. */
const MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);

function readOne(
  schema: JsonObject,
  place: string,
  path: string[] | undefined,
  params: MirroredParam[],
  faults: Fault[],
): void {
  const value = schema[KEY];
  const where = `${place}["${KEY}"]`;
  if (path === undefined || path.length === 0) {
    faults.push({
      clause: '2026-07-28/streamable-http/048',
      where,
      expected: 'a property reached through "properties" alone',
      received: 'another place',
    });
    return;
  }
  if (value === '') {
    faults.push({ clause: '2026-07-28/streamable-http/042', where, expected: 'a name', received: '""' });
    return;
  }
  if (typeof value !== 'string' || !TOKEN.test(value)) {
    const clause =
      typeof value === 'string' && /\p{Cc}/u.test(value)
        ? '2026-07-28/streamable-http/044'
        : '2026-07-28/streamable-http/043';
    faults.push({
      clause,
      where,
      expected: 'a token of HTTP',
      received: typeof value === 'string' ? quote(value) : show(value),
    });
    return;
  }
  const type = TYPES.find((one) => one === schema.type);
  if (type === undefined) {
    faults.push({
      clause: '2026-07-28/streamable-http/046',
      where,
      expected: `type ${TYPES.join(', ')}`,
      received: show(schema.type),
    });
    return;
  }
  const header = `Mcp-Param-${value}`;
  if (params.some((other) => other.header.toLowerCase() === header.toLowerCase()))
    faults.push({
      clause: '2026-07-28/streamable-http/045',
      where,
      expected: 'a name that no other parameter has',
      received: quote(value),
    });
  params.push({ header, path, type });
}

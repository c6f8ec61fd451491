/** Makes the smallest arguments that an input schema accepts, so that a tool can be called without knowing it. */
import { isRecord, type JsonObject } from '../../wire/value.js';

const MAX_DEPTH = 6;
const MAX_TEXT = 10_000;
const FORMATS: { [format: string]: string } = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  email: 'nobody@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/** Undefined if nothing that fits was found, for example for a pattern. */
export function argumentsFor(schema: unknown): JsonObject | undefined {
  const value = valueFor(schema, schema, 0);
  return isRecord(value) ? value : undefined;
}

function valueFor(schema: unknown, root: unknown, depth: number): unknown {
  if (schema === true) return {};
  if (!isRecord(schema) || depth > MAX_DEPTH) return undefined;
  for (const keyword of ['const', 'default']) if (keyword in schema) return schema[keyword];
  for (const list of [schema.examples, schema.enum])
    if (Array.isArray(list) && list.length > 0) return list[0];
  if (typeof schema.$ref === 'string') return valueFor(resolve(schema.$ref, root), root, depth + 1);
  for (const choice of [schema.anyOf, schema.oneOf]) {
    if (!Array.isArray(choice)) continue;
    const values = choice.map((one) =>
      valueFor({ ...schema, anyOf: undefined, oneOf: undefined, ...one }, root, depth + 1),
    );
    return values.find((value) => value !== undefined);
  }
  if (Array.isArray(schema.allOf)) return valueFor(merged(schema, schema.allOf), root, depth + 1);
  return ofType(schema, root, depth);
}

function ofType(schema: JsonObject, root: unknown, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object' || (type === undefined && isRecord(schema.properties)))
    return objectFor(schema, root, depth);
  if (type === 'array') return arrayFor(schema, root, depth);
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  if (type === 'integer' || type === 'number') return numberFor(schema);
  return type === 'string' ? textFor(schema) : undefined;
}

function objectFor(schema: JsonObject, root: unknown, depth: number): JsonObject | undefined {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const members = required.map((name) => [
    name,
    valueFor(properties[name] ?? { type: 'string' }, root, depth + 1),
  ]);
  return members.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(members);
}

function arrayFor(schema: JsonObject, root: unknown, depth: number): unknown[] | undefined {
  const length = Number(schema.minItems ?? 0);
  if (length > 20) return undefined;
  const item = length === 0 ? null : valueFor(schema.items ?? { type: 'string' }, root, depth + 1);
  return item === undefined ? undefined : Array.from({ length }, () => item);
}

/** 1 where the bounds allow it: 0 is often a special case. */
function numberFor({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
  multipleOf,
}: JsonObject): number | undefined {
  const step = typeof multipleOf === 'number' ? multipleOf : 1;
  const low = Math.max(Number(minimum ?? -Infinity), Number(exclusiveMinimum ?? -Infinity) + step);
  const high = Math.min(Number(maximum ?? Infinity), Number(exclusiveMaximum ?? Infinity) - step);
  const value = Math.ceil(Math.min(Math.max(1, low), high) / step) * step;
  return value >= low && value <= high ? value : undefined;
}

/** Undefined for a pattern: making up a text that fits is guesswork, and testing a stranger's pattern may take forever. */
function textFor({ format, pattern, minLength, maxLength }: JsonObject): string | undefined {
  const [shortest, longest] = [Number(minLength ?? 0), Number(maxLength ?? MAX_TEXT)];
  if (pattern !== undefined || shortest > MAX_TEXT) return undefined;
  const text = typeof format === 'string' ? (FORMATS[format] ?? 'example') : 'example';
  return text.padEnd(shortest, 'x').slice(0, longest);
}

/** A reference within the same schema. */
function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined;
  let value = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function merged(schema: JsonObject, parts: readonly unknown[]): JsonObject {
  const all = [{ ...schema, allOf: undefined }, ...parts.filter(isRecord)];
  return {
    ...Object.assign({}, ...all),
    properties: Object.assign({}, ...all.map(({ properties }) => properties)),
    required: all.flatMap(({ required }) => (Array.isArray(required) ? required : [])),
  };
}

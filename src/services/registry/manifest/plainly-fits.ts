/**
 * Recognizes values that plainly fit a schema of this folder. ajv says the same, but needs 20 ms to compile the schemas, which is an
 * eighth of the start of a server that checks its own manifest and tools. ajv has the last word on what is not recognized here.
 */
import { isRecord, type JsonObject } from '../../../wire/value.js';

type Test = (value: unknown, limit: unknown, schema: JsonObject) => boolean;

const ofString =
  (test: (value: string, limit: unknown) => boolean): Test =>
  (value, limit) =>
    typeof value === 'string' && test(value, limit);
const ofNumber =
  (test: (value: number, limit: number) => boolean): Test =>
  (value, limit) =>
    typeof value === 'number' && test(value, Number(limit));
const ofList =
  (test: (value: readonly unknown[], limit: unknown) => boolean): Test =>
  (value, limit) =>
    Array.isArray(value) && test(value, limit);

/** The keywords that the schemas use, each as strict as JSON Schema or stricter. */
const KEYWORDS: { [keyword: string]: Test } = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  format: () => true,
  type: (value, type) =>
    type === 'object' ? isRecord(value) : type === 'array' ? Array.isArray(value) : typeof value === type,
  const: (value, expected) => value === expected,
  // A character may be two units of a string.
  minLength: ofString((value, min) => value.length / 2 > Number(min) - 1),
  maxLength: ofString((value, max) => value.length <= Number(max)),
  pattern: ofString((value, pattern) => new RegExp(String(pattern), 'u').test(value)),
  exclusiveMinimum: ofNumber((value, min) => value > min),
  maximum: ofNumber((value, max) => value <= max),
  minItems: ofList((value, min) => value.length >= Number(min)),
  maxItems: ofList((value, max) => value.length <= Number(max)),
  uniqueItems: ofList((value) => new Set(value).size === value.length && !value.some(isRecord)),
  items: ofList((value, items) => value.every((item) => plainlyFits(items, item))),
  required: (value, names) =>
    isRecord(value) && Array.isArray(names) && names.every((name) => value[name] !== undefined),
  additionalProperties: (value, _, { properties = {} }) =>
    isRecord(value) &&
    isRecord(properties) &&
    Object.keys(value).every((name) => Object.hasOwn(properties, name)),
  properties: (value, properties) =>
    isRecord(value) &&
    isRecord(properties) &&
    Object.entries(properties).every(
      ([name, schema]) => value[name] === undefined || plainlyFits(schema, value[name]),
    ),
};

export function plainlyFits(schema: unknown, value: unknown): boolean {
  if (!isRecord(schema)) return false;
  return Object.entries(schema).every(
    ([keyword, limit]) => KEYWORDS[keyword]?.(value, limit, schema) ?? false,
  );
}

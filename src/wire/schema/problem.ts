/** Turns ajv's errors into a sentence a caller can act on: JSON pointer, what was expected, what arrived. Knows the keywords. */
import type { ErrorObject } from 'ajv';
import { isRecord, type JsonObject, pointerPart, shorten } from '../value.js';

export type Problem = { pointer: string; expected: string; received: string };

/** Returns undefined when the value fits, and otherwise the first problem. */
export type Check = (value: unknown) => Problem | undefined;

export function problemText({ pointer, expected, received }: Problem): string {
  return `${pointer === '' ? '(the whole value)' : pointer}: expected ${expected}, received ${received}`;
}

/** `errors` is what ajv reports for the first problem: one error, or all branches of a choice and then the choice. */
export function describeProblem(errors: readonly ErrorObject[]): Problem {
  const last = errors.at(-1);
  if (last === undefined) return { pointer: '', expected: 'a valid value', received: '?' };
  // Two branches fit where one should: the errors of the others are beside the point.
  if (last.params.passingSchemas) return describe(last);
  const branches = errors.slice(0, -1).filter(({ keyword }) => !CHOICES.includes(keyword));
  if (!CHOICES.includes(last.keyword) || branches.length === 0) return describe(errors[0] ?? last);
  const wishes = new Set(branches.map((branch) => wish(describe(branch), last.instancePath)));
  return {
    pointer: last.instancePath,
    expected: [...wishes].join(' or '),
    received: describeValue(last.data),
  };
}

const CHOICES = ['anyOf', 'oneOf'];

function wish({ pointer, expected }: Problem, here: string): string {
  return pointer === here ? expected : `${pointer}: ${expected}`;
}

function describe(error: ErrorObject): Problem {
  const { keyword, instancePath, params, data } = error;
  switch (keyword) {
    case 'required':
      return {
        pointer: instancePath + pointerPart(String(params.missingProperty)),
        expected: 'a value',
        received: 'nothing',
      };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = shorten(String(params.additionalProperty ?? params.unevaluatedProperty), 60);
      return {
        pointer: instancePath + pointerPart(name),
        expected: `no such member${knownNames(error)}`,
        received: JSON.stringify(name),
      };
    }
    default:
      return { pointer: instancePath, expected: expectation(error), received: describeValue(data) };
  }
}

function expectation({ keyword, params, message, schema }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return list(params.type);
    case 'enum':
      return `one of ${list(params.allowedValues)}`;
    case 'const':
      return JSON.stringify(params.allowedValue);
    case 'minLength':
      return `at least ${params.limit} characters`;
    case 'maxLength':
      return `at most ${params.limit} characters`;
    case 'minItems':
      return `at least ${params.limit} items`;
    case 'maxItems':
      return `at most ${params.limit} items`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `a number ${params.comparison} ${params.limit}`;
    case 'pattern':
      return `text that matches ${schema}`;
    default:
      return `what "${keyword}" asks for (${message})`;
  }
}

function knownNames({ parentSchema }: ErrorObject): string {
  const names = Object.keys(parentSchema?.properties ?? {});
  return names.length === 0 ? '' : ` (known: ${names.slice(0, 20).join(', ')})`;
}

function list(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const shownItems = value
    .slice(0, 20)
    .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return shownItems.join(', ') + (value.length > 20 ? ', …' : '');
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  const short = shorten(text, 60);
  return value === null ? 'null' : `${typeof value} ${short}`;
}

export type Dialect = 'draft-2020-12' | 'draft-07';
export type Schema = JsonObject | boolean;

/** Keywords whose value is a schema, or in draft-07 a list of schemas. */
const ONE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
/** Keywords whose value maps names to schemas; in `dependencies` some names have a list of names instead. */
const MAPS = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];
const POSITIONS = new Map([
  ...ONE.map((keyword) => [keyword, 'one'] as const),
  ...LISTS.map((keyword) => [keyword, 'list'] as const),
  ...MAPS.map((keyword) => [keyword, 'map'] as const),
]);

/** Foreign keywords that ajv would act on: from OpenAPI, draft-04, ajv itself and other drafts. */
const FOREIGN: { [Name in Dialect]: readonly string[] } = {
  'draft-2020-12': ['nullable', 'id', '$async', '$recursiveRef', '$recursiveAnchor'],
  'draft-07': ['nullable', 'id', '$async', '$anchor', '$dynamicAnchor'],
};
/** Draft-07 ignores all siblings of `$ref`. ajv ignores the others too, but not these. */
const BESIDE_REF = ['$id', 'type'];
/** Keywords that give a schema an address. Inside an unknown keyword they give none. */
const ADDRESSES = ['$id', '$anchor', '$dynamicAnchor'];

/** The schemas directly inside a schema, each with the steps that lead to it. */
export function subschemas(schema: JsonObject): [steps: string[], schema: Schema][] {
  return Object.entries(schema).flatMap(([keyword, value]): [string[], Schema][] => {
    const position = POSITIONS.get(keyword);
    if (position === undefined) return [];
    if (position === 'one' && isSchema(value)) return [[[keyword], value]];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([step, part]): [string[], Schema][] =>
      isSchema(part) ? [[[keyword, step], part]] : [],
    );
  });
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isRecord(value);
}

/** A copy without the keywords that ajv would act on but the dialect lacks. References into unknown keywords still work. */
export function ownVocabulary(schema: JsonObject, dialect: Dialect): JsonObject {
  const foreign = [...FOREIGN[dialect], ...(ignoresSiblings(schema, dialect) ? BESIDE_REF : [])];
  const members = Object.entries(schema)
    .filter(([keyword]) => !foreign.includes(keyword))
    .map(([keyword, value]) => [keyword, copy(keyword, value, dialect)]);
  return Object.fromEntries(members);
}

function copy(keyword: string, value: unknown, dialect: Dialect): unknown {
  const position = POSITIONS.get(keyword);
  const inner = (part: unknown): unknown => (isRecord(part) ? ownVocabulary(part, dialect) : part);
  if (Array.isArray(value)) return position === undefined ? value : value.map(inner);
  // The value of `const` is data: nothing in it is a keyword.
  if (!isRecord(value) || keyword === 'const') return value;
  if (position === 'one') return inner(value);
  if (position === 'map')
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inner(part)]));
  return withoutAddresses(ownVocabulary(value, dialect));
}

function withoutAddresses(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword, value]) => !(ADDRESSES.includes(keyword) && typeof value === 'string'))
      .map(([keyword, value]) => [keyword, isRecord(value) ? withoutAddresses(value) : value]),
  );
}

export function ignoresSiblings(schema: JsonObject, dialect: Dialect): boolean {
  return dialect === 'draft-07' && typeof schema.$ref === 'string';
}

/**
 * Where schemas stand within a schema, and the copy of a schema that has only what its dialect knows: an unknown keyword is
 * an annotation, whatever some validators make of it.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-core#section-6.5
 */
import { isRecord, type JsonObject } from '../value.js';

export type Dialect = 'draft-2020-12' | 'draft-07';
export type Schema = JsonObject | boolean;

/** Keywords with a schema, or in draft-07 with a list of them. */
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
/** Keywords with schemas by name; in `dependencies` some of the values are lists of names. */
const MAPS = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];
const POSITIONS = new Map([
  ...ONE.map((keyword) => [keyword, 'one'] as const),
  ...LISTS.map((keyword) => [keyword, 'list'] as const),
  ...MAPS.map((keyword) => [keyword, 'map'] as const),
]);
/** Their values are data, and nothing in them is a keyword. */
const DATA = new Set(['const', 'default', 'enum', 'examples']);

/** Keywords of other vocabularies that ajv acts on: OpenAPI's, draft-04's, ajv's own, and those of other drafts. */
const FOREIGN: { [Name in Dialect]: readonly string[] } = {
  'draft-2020-12': ['nullable', 'id', '$async', '$recursiveRef', '$recursiveAnchor'],
  'draft-07': ['nullable', 'id', '$async', '$anchor', '$dynamicAnchor'],
};
/** In draft-07 all siblings of `$ref` are ignored. ajv ignores the others, but these even then count for it. */
const BESIDE_REF = ['$id', 'type'];
/** What makes an address of a place. Within an unknown keyword there are no addresses. */
const ADDRESSES = ['$id', '$anchor', '$dynamicAnchor'];

/** The schemas directly within a schema, each with the steps that lead to it. */
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

/** A copy without what the dialect does not know and ajv would act on. References into unknown keywords still lead there. */
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
  if (!isRecord(value) || DATA.has(keyword)) return value;
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

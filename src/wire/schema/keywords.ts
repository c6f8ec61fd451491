/** The keywords of each dialect: which of them hold schemas, which are foreign, and a copy of a schema without the foreign ones. */
import { isRecord, type JsonObject } from '../value.js';

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
  'draft-07': ['nullable', 'id', '$async', '$anchor', '$dynamicAnchor', '$dynamicRef'],
};
/** Draft-07 ignores all siblings of `$ref`. ajv ignores the others too, but not these. */
const BESIDE_REF = ['$id', 'type'];
/** Keywords that give a schema an address. Inside an unknown keyword they give none. */
const ADDRESSES = ['$id', '$anchor', '$dynamicAnchor'];

/** The schemas directly inside a schema that are objects, each with the steps that lead to it. */
export function* subschemas(schema: JsonObject): Generator<[steps: string[], schema: JsonObject]> {
  for (const [keyword, value] of Object.entries(schema)) {
    const position = POSITIONS.get(keyword);
    if (position === 'one' && isRecord(value)) yield [[keyword], value];
    else if (position !== undefined)
      for (const [step, part] of Object.entries(value ?? {}))
        if (isRecord(part)) yield [[keyword, step], part];
  }
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isRecord(value);
}

/**
 * Turns each `$dynamicRef` into the `$ref` it amounts to, unless the root or several schemas have its anchor. ajv follows it only to
 * an anchor that it has met before, and otherwise applies the whole schema.
 */
export function settleDynamicReferences(own: JsonObject): void {
  const schemas = [...withParts(own)];
  const anchors = new Set<unknown>();
  const dynamic = new Set([own.$dynamicAnchor]);
  for (const { $dynamicAnchor } of schemas) {
    if (anchors.has($dynamicAnchor)) dynamic.add($dynamicAnchor);
    anchors.add($dynamicAnchor);
  }
  for (const schema of schemas) {
    const { $dynamicRef, allOf = [] } = schema;
    if (typeof $dynamicRef !== 'string') continue;
    if (dynamic.has($dynamicRef.slice($dynamicRef.indexOf('#') + 1))) continue;
    delete schema.$dynamicRef;
    schema.allOf = [allOf, { $ref: $dynamicRef }].flat();
  }
}

/** A schema and all schemas inside it that are objects. */
export function* withParts(schema: JsonObject): Generator<JsonObject> {
  yield schema;
  for (const [, part] of subschemas(schema)) yield* withParts(part);
}

/** A copy without the keywords that ajv would act on but the dialect lacks. References into unknown keywords still work. */
export function ownVocabulary(schema: JsonObject, dialect: Dialect): JsonObject {
  const besideRef = ignoresSiblings(schema, dialect);
  const members = Object.entries(schema)
    .filter(
      ([keyword]) => !FOREIGN[dialect].includes(keyword) && !(besideRef && BESIDE_REF.includes(keyword)),
    )
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

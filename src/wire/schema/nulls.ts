/**
 * Several frameworks send null for every optional argument that nobody gave. This file drops a member when it is null, its
 * object does not require it, and every schema that `properties` has for it forbids null. A value that is valid as sent stays
 * as it is, and so do null array items and members that no schema names.
 */
import { isRecord, type JsonObject } from '../value.js';
import { SchemaGraph, schemasIn } from './graph.js';
import { type Dialect, ignoresSiblings, isSchema, type Schema } from './keywords.js';
import type { Check } from './problem.js';

/** Whether a member is null, at any depth. */
function hasNullMember(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasNullMember);
  return Object.values(value).some((member) => member === null || hasNullMember(member));
}

/** `own` is the schema in its dialect's own vocabulary; `check` is compiled from it. */
export function nullDropper(
  own: JsonObject,
  dialect: Dialect,
  check: Check,
): (value: JsonObject) => JsonObject {
  let dropper: NullDropper | undefined;
  return (value) => {
    if (!hasNullMember(value) || check(value) === undefined) return value;
    dropper ??= new NullDropper(new SchemaGraph(own, dialect));
    return dropper.object(value, [own]);
  };
}

class NullDropper {
  readonly #inPlace = new Map<JsonObject, ReadonlySet<JsonObject>>();

  constructor(readonly graph: SchemaGraph) {}

  /** `schemas` is what stands where the schemas of the value may stand. */
  object(value: JsonObject, schemas: readonly unknown[]): JsonObject {
    const allSchemas = this.#applied(schemas);
    const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
      const memberSchemas = allSchemas.flatMap(({ properties }) => memberOf(properties, name));
      if (member !== null)
        return [
          [name, this.#value(member, memberSchemas.length > 0 ? memberSchemas : others(allSchemas, name))],
        ];
      const optional = memberSchemas.length > 0 && !schemas.some((schema) => this.#requires(schema, name));
      return optional && !memberSchemas.some((schema) => this.#acceptsNull(schema)) ? [] : [[name, null]];
    });
    return Object.fromEntries(members);
  }

  #value(value: unknown, schemas: readonly unknown[]): unknown {
    if (isRecord(value)) return this.object(value, schemas);
    if (!Array.isArray(value)) return value;
    const allSchemas = this.#applied(schemas);
    return value.map((item, index) =>
      this.#value(
        item,
        allSchemas.map((schema) => itemsOf(schema, index)),
      ),
    );
  }

  /** These schemas, and all schemas that they apply to the same value. */
  #applied(schemas: readonly unknown[]): JsonObject[] {
    return [...new Set(schemas.filter(isRecord).flatMap((schema) => [...this.#closure(schema)]))];
  }

  #closure(schema: JsonObject): ReadonlySet<JsonObject> {
    const cachedClosure = this.#inPlace.get(schema);
    if (cachedClosure !== undefined) return cachedClosure;
    const closure = new Set([schema]);
    // A loop over a Set also visits the members added during the loop.
    for (const member of closure) for (const next of this.graph.inPlace(member)) closure.add(next);
    this.#inPlace.set(schema, closure);
    return closure;
  }

  #requires(schema: unknown, name: string): boolean {
    if (!isRecord(schema)) return false;
    if (this.graph.always(schema).some((part) => this.#requires(part, name))) return true;
    if (ignoresSiblings(schema, this.graph.dialect)) return false;
    const { required, anyOf, oneOf } = schema;
    if (Array.isArray(required) && required.includes(name)) return true;
    const choices = [schemasIn(anyOf), schemasIn(oneOf)];
    return choices.some((parts) => parts.length > 0 && parts.every((part) => this.#requires(part, name)));
  }

  #acceptsNull(schema: Schema): boolean {
    if (!isRecord(schema)) return schema;
    if (!this.graph.always(schema).every((part) => this.#acceptsNull(part))) return false;
    if (ignoresSiblings(schema, this.graph.dialect)) return true;
    const { type, anyOf, oneOf, not } = schema;
    if (type !== undefined && ![type].flat().includes('null')) return false;
    if (Array.isArray(schema.enum) && !schema.enum.includes(null)) return false;
    if ('const' in schema && schema.const !== null) return false;
    if (Array.isArray(anyOf) && !schemasIn(anyOf).some((part) => this.#acceptsNull(part))) return false;
    if (Array.isArray(oneOf) && schemasIn(oneOf).filter((part) => this.#acceptsNull(part)).length !== 1)
      return false;
    if (isSchema(not) && this.#acceptsNull(not)) return false;
    if (!isSchema(schema.if)) return true;
    const branch = this.#acceptsNull(schema.if) ? schema.then : schema.else;
    return !isSchema(branch) || this.#acceptsNull(branch);
  }
}

function memberOf(schemas: unknown, name: string): Schema[] {
  const schema = isRecord(schemas) && Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  return isSchema(schema) ? [schema] : [];
}

/** The schemas for a member that `properties` does not name; they may name its own members. */
function others(schemas: readonly JsonObject[], name: string): unknown[] {
  return schemas.flatMap(({ patternProperties, additionalProperties, unevaluatedProperties }) => {
    const matching = Object.entries(patternProperties ?? {})
      .filter(([pattern]) => new RegExp(pattern, 'u').test(name))
      .map(([, schema]) => schema);
    return [...matching, additionalProperties, unevaluatedProperties];
  });
}

function itemsOf({ items, prefixItems, additionalItems }: JsonObject, index: number): unknown {
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  if (index < tuple.length) return tuple[index];
  return Array.isArray(items) ? additionalItems : items;
}

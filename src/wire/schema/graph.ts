/**
 * A schema as a graph: where each reference leads, and which schemas a schema applies to the same value. It answers what ajv
 * cannot: whether checking ends (findLoop) and whether a member may be null (nulls.ts). It leaves invalid schemas to ajv.
 */
import { isRecord, type JsonObject, pointerPart } from '../value.js';
import { type Dialect, ignoresSiblings, isSchema, type Schema, subschemas } from './keywords.js';

const ROOT = 'schema://root/';

export class SchemaGraph {
  /** For each schema, the base address of its references and its JSON pointer. */
  readonly #places = new Map<JsonObject, { base: string; pointer: string }>();
  /** Schemas by address; one with an anchor also has the address `…#anchor`. */
  readonly #byAddress = new Map<string, JsonObject>();
  readonly #targets = new Map<JsonObject, readonly Schema[]>();

  constructor(
    readonly root: JsonObject,
    readonly dialect: Dialect,
  ) {
    this.#byAddress.set(ROOT, root);
    this.#collect(root, ROOT, '');
  }

  /** Every schema that is an object, in the order written. */
  get schemas(): JsonObject[] {
    return [...this.#places.keys()];
  }

  pointer(schema: JsonObject): string | undefined {
    return this.#places.get(schema)?.pointer;
  }

  /** Where `$ref` leads, and every place where `$dynamicRef` might. */
  targets(schema: JsonObject): readonly Schema[] {
    const targets = this.#targets.get(schema) ?? this.#follow(schema);
    this.#targets.set(schema, targets);
    return targets;
  }

  #follow(schema: JsonObject): readonly Schema[] {
    const { $ref, $dynamicRef } = schema;
    const targets: unknown[] = [];
    if (typeof $ref === 'string') targets.push(this.#resolve(schema, $ref));
    if (typeof $dynamicRef === 'string') {
      const anchor = $dynamicRef.slice(1);
      for (const other of this.#places.keys()) if (other.$dynamicAnchor === anchor) targets.push(other);
    }
    return targets.filter(isSchema);
  }

  /** The schemas that a value must fit whenever it fits this one. */
  always(schema: JsonObject): readonly Schema[] {
    const targets = this.targets(schema);
    return ignoresSiblings(schema, this.dialect) ? targets : [...targets, ...schemasIn(schema.allOf)];
  }

  /** All schemas that this one may apply to its own value, but for true and false. */
  inPlace(schema: JsonObject): readonly JsonObject[] {
    const parts: unknown[] = [...this.always(schema)];
    const { anyOf, oneOf, not, dependentSchemas, dependencies } = schema;
    const dependent = [dependentSchemas, dependencies].filter(isRecord).flatMap((map) => Object.values(map));
    if (!ignoresSiblings(schema, this.dialect))
      parts.push(anyOf, oneOf, not, schema.if, schema.then, schema.else, ...dependent);
    return parts.flat().filter(isRecord);
  }

  #collect(schema: JsonObject, above: string, pointer: string): void {
    if (this.#places.has(schema)) return;
    const { $id, $anchor, $dynamicAnchor } = schema;
    const base = typeof $id === 'string' ? join($id, above) : above;
    this.#places.set(schema, { base, pointer });
    if (typeof $id === 'string') this.#byAddress.set(withoutFragment(base), schema).set(base, schema);
    for (const anchor of [$anchor, $dynamicAnchor])
      if (typeof anchor === 'string') this.#byAddress.set(`${withoutFragment(base)}#${anchor}`, schema);
    for (const [steps, part] of subschemas(schema))
      this.#collect(part, base, pointer + steps.map(pointerPart).join(''));
  }

  #resolve(from: JsonObject, reference: string): unknown {
    const { base = ROOT } = this.#places.get(from) ?? {};
    const address = join(reference, base);
    const exact = this.#byAddress.get(address);
    if (exact !== undefined) return exact;
    const resource = withoutFragment(address);
    const pointer = address.slice(resource.length + 1);
    const [anchor, ...steps] = pointer.split('/');
    let at: unknown = anchor === '' ? this.#byAddress.get(resource) : undefined;
    for (const step of steps) at = Object.getOwnPropertyDescriptor(Object(at), unescapeStep(step))?.value;
    // A schema inside an unknown keyword: only a reference leads here.
    if (isRecord(at)) this.#collect(at, resource, pointer);
    return at;
  }
}

export function schemasIn(value: unknown): Schema[] {
  return [value].flat().filter(isSchema);
}

function join(reference: string, base: string): string {
  return URL.canParse(reference, base)
    ? new URL(reference, base).href
    : `${withoutFragment(base)}${reference}`;
}

// A fragment is percent-encoded, beside what RFC 6901 escapes.
function unescapeStep(step: string): string {
  let text = step;
  try {
    text = decodeURIComponent(step);
  } catch {
    // Not percent-encoded UTF-8, so it names nothing; ajv reports that.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function withoutFragment(address: string): string {
  return address.replace(/#.*/s, '');
}

/** The JSON pointer of a schema that leads back to itself without entering a member or item. */
export function findLoop(graph: SchemaGraph): string | undefined {
  const done = new Set<JsonObject>();
  const open = new Set<JsonObject>();
  const loopFrom = (schema: JsonObject): JsonObject | undefined => {
    if (open.has(schema)) return schema;
    if (done.has(schema)) return undefined;
    open.add(schema);
    for (const next of graph.inPlace(schema)) {
      const looping = loopFrom(next);
      if (looping !== undefined) return looping;
    }
    open.delete(schema);
    done.add(schema);
    return undefined;
  };
  for (const schema of graph.schemas) {
    const looping = loopFrom(schema);
    if (looping !== undefined) return graph.pointer(looping);
  }
  return undefined;
}

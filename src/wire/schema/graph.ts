/**
 * A schema as a graph: where each reference leads, and which schemas a schema applies to the same value. It answers what ajv
 * cannot: whether checking ends (findLoop) and whether a member may be null (nulls.ts). It leaves invalid schemas to ajv.
 */
import { isRecord, type JsonObject, pointerPart } from '../value.js';
import { type Dialect, ignoresSiblings, isSchema, type Schema, subschemas } from './problem.js';

const ROOT = 'schema://root/';
const NOWHERE: readonly Schema[] = [];

export class SchemaGraph {
  /** For each schema, the base address of its references and its JSON pointer. */
  readonly #places = new Map<JsonObject, { base: string; pointer: string }>();
  /** Schemas by address; one with an anchor also has the address `…#anchor`. */
  readonly #byAddress = new Map<string, JsonObject>();
  readonly #dynamic = new Map<string, JsonObject[]>();
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

  pointer(schema: JsonObject): string {
    return this.#places.get(schema)?.pointer ?? '';
  }

  /** Where `$ref` and `$dynamicRef` lead, including every place where a dynamic one might. */
  targets(schema: JsonObject): readonly Schema[] {
    const { $ref, $dynamicRef } = schema;
    if ($ref === undefined && $dynamicRef === undefined) return NOWHERE;
    const targets = this.#targets.get(schema) ?? this.#follow(schema, $ref, $dynamicRef);
    this.#targets.set(schema, targets);
    return targets;
  }

  #follow(schema: JsonObject, $ref: unknown, $dynamicRef: unknown): readonly Schema[] {
    const targets: (Schema | undefined)[] = [];
    if (typeof $ref === 'string') targets.push(this.#resolve(schema, $ref));
    if (typeof $dynamicRef === 'string') {
      targets.push(this.#resolve(schema, $dynamicRef));
      targets.push(...(this.#dynamic.get($dynamicRef.slice($dynamicRef.indexOf('#') + 1)) ?? []));
    }
    return targets.filter((target) => target !== undefined);
  }

  /** The schemas that a value must fit whenever it fits this one. */
  always(schema: JsonObject): readonly Schema[] {
    const targets = this.targets(schema);
    return ignoresSiblings(schema, this.dialect) ? targets : [...targets, ...schemasIn(schema.allOf)];
  }

  /** All schemas that this one may apply to its own value. */
  inPlace(schema: JsonObject): readonly Schema[] {
    if (ignoresSiblings(schema, this.dialect)) return this.targets(schema);
    const { anyOf, oneOf, not, dependentSchemas, dependencies } = schema;
    const single = [not, schema.if, schema.then, schema.else].filter(isSchema);
    const dependent = [dependentSchemas, dependencies].filter(isRecord).flatMap((map) => Object.values(map));
    return [
      ...this.always(schema),
      ...schemasIn(anyOf),
      ...schemasIn(oneOf),
      ...single,
      ...dependent.filter(isSchema),
    ];
  }

  #collect(schema: JsonObject, above: string, pointer: string): void {
    if (this.#places.has(schema)) return;
    const { $id, $anchor, $dynamicAnchor } = schema;
    const base = typeof $id === 'string' ? join($id, above) : above;
    this.#places.set(schema, { base, pointer });
    if (typeof $id === 'string') this.#byAddress.set(withoutFragment(base), schema).set(base, schema);
    for (const anchor of [$anchor, $dynamicAnchor])
      if (typeof anchor === 'string') this.#byAddress.set(`${withoutFragment(base)}#${anchor}`, schema);
    if (typeof $dynamicAnchor === 'string')
      this.#dynamic.set($dynamicAnchor, [...(this.#dynamic.get($dynamicAnchor) ?? []), schema]);
    for (const [steps, part] of subschemas(schema))
      if (isRecord(part)) this.#collect(part, base, pointer + steps.map(pointerPart).join(''));
  }

  #resolve(from: JsonObject, reference: string): Schema | undefined {
    const { base = ROOT } = this.#places.get(from) ?? {};
    const address = join(reference, base);
    const exact = this.#byAddress.get(address);
    if (exact !== undefined) return exact;
    const [resource = '', fragment = ''] = address.split('#', 2);
    let at: unknown = this.#byAddress.get(resource);
    for (const step of fragment.split('/').slice(1)) {
      const name = unescapeStep(step);
      at =
        typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, name)?.value : undefined;
    }
    if (!isSchema(at)) return undefined;
    // A schema inside an unknown keyword: only a reference leads here.
    if (isRecord(at)) this.#collect(at, resource, fragment);
    return at;
  }
}

export function schemasIn(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
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
  return address.split('#', 1)[0] ?? '';
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
      const looping = isRecord(next) ? loopFrom(next) : undefined;
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

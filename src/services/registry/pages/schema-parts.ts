/**
 * What a part of a JSON Schema says once its local references are followed. Schemas come from strangers and may refer
 * to themselves: each look goes a few steps and no further, and whoever walks a schema counts its own steps.
 */
import { isRecord, type JsonObject } from '../../../wire/value.js';

const MAX_HOPS = 8;
const MAX_BRANCHES = 20;

/** The part with its `$ref` and its `allOf` laid into it. What cannot be followed stays as it is. */
export function partOf(schema: unknown, root: JsonObject): JsonObject {
  const own = followed(schema, root);
  if (!Array.isArray(own.allOf)) return own;
  const { allOf, ...rest } = own;
  return allOf
    .slice(0, MAX_BRANCHES)
    .reduce<JsonObject>((sum, one) => merged(sum, followed(one, root)), rest);
}

/** The branches of `anyOf` and `oneOf`, references followed. */
export function branchesOf({ anyOf, oneOf }: JsonObject, root: JsonObject): JsonObject[] {
  const all = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : [];
  return all.slice(0, MAX_BRANCHES).map((one) => partOf(one, root));
}

export function propertiesOf({ properties }: JsonObject): [name: string, schema: unknown][] {
  return isRecord(properties) ? Object.entries(properties) : [];
}

export function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((one) => typeof one === 'string') : [];
}

/** The types that a part names. */
export function typesOf({ type }: JsonObject): string[] {
  return (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
}

function followed(schema: unknown, root: JsonObject): JsonObject {
  let part: JsonObject = isRecord(schema) ? schema : {};
  for (let hops = 0; hops < MAX_HOPS && typeof part.$ref === 'string'; hops += 1) {
    const target = targetOf(part.$ref, root);
    if (target === undefined) return part;
    const { $ref, ...beside } = part;
    part = { ...target, ...beside };
  }
  return part;
}

/** Only references within the document: nothing is loaded to show a page. */
function targetOf(reference: string, root: JsonObject): JsonObject | undefined {
  if (!/^#(\/|$)/.test(reference)) return undefined;
  let here: unknown = root;
  for (const step of reference.split('/').slice(1)) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as JsonObject)[name];
  }
  return isRecord(here) ? here : undefined;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** Both hold: members of both, and what is required by either. Where both say something else, the first is shown. */
function merged(one: JsonObject, other: JsonObject): JsonObject {
  const properties = Object.fromEntries([...propertiesOf(other), ...propertiesOf(one)]);
  const required = [...new Set([...requiredOf(one), ...requiredOf(other)])];
  return {
    ...other,
    ...one,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** Short forms of the JSON Schemas that the tools repeat. */
import type { JsonObject } from '../../wire/value.js';

/** An object with these members only, all of them required unless `required` lists fewer. */
export function objectOf(
  properties: JsonObject,
  required: readonly string[] = Object.keys(properties),
): JsonObject {
  const some = required.length === 0 ? {} : { required };
  return { type: 'object', properties, ...some, additionalProperties: false };
}

/** A value that may be null, as a choice: strict modes of model APIs and MCP Inspector reject a list of types. */
export function orNull(schema: JsonObject, description?: string): JsonObject {
  return { ...(description === undefined ? {} : { description }), anyOf: [schema, { type: 'null' }] };
}

/** A value that may be null, as a choice: strict modes of model APIs and MCP Inspector take no list of types. */
import type { JsonObject } from '../../wire/value.js';

export function orNull(schema: JsonObject, description?: string): JsonObject {
  return { ...(description === undefined ? {} : { description }), anyOf: [schema, { type: 'null' }] };
}

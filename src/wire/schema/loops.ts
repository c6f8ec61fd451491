/**
 * Finds a schema that applies itself to the value it is applied to, such as `{"$ref":"#"}`: checking it would never end.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-core#section-9.4.1
 */
import { isRecord, type JsonObject } from '../value.js';
import type { SchemaGraph } from './graph.js';

/** The JSON pointer of a schema that leads back to itself without going into a member or item. */
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

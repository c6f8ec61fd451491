/**
 * Finds the `x-mcp-header` annotations of an input schema when its tool is registered, and refuses the ones that
 * clients would have to refuse (2026-07-28/streamable-http/042 to /049). request-headers.ts uses what is found here.
 */

import { SchemaRefused } from '../schema/compile.js';
import { isRecord, type JsonObject, preview } from '../value.js';
import type { MirroredParam } from './request-headers.js';

const KEY = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = ['string', 'integer', 'boolean'] as const;

export function mirroredParams(label: string, inputSchema: JsonObject): MirroredParam[] {
  const found: MirroredParam[] = [];
  collect(label, inputSchema, [], found);
  const seen = new Set<string>();
  for (const { header } of found) {
    if (seen.has(header.toLowerCase()))
      throw new SchemaRefused(`${label}: two parameters share the header ${header}`);
    seen.add(header.toLowerCase());
  }
  const annotated = count(inputSchema);
  if (annotated !== found.length) {
    throw new SchemaRefused(
      `${label}: "${KEY}" may stand only on a property reached through "properties" alone`,
    );
  }
  return found;
}

function collect(label: string, schema: JsonObject, path: string[], found: MirroredParam[]): void {
  if (!isRecord(schema.properties)) return;
  for (const [name, part] of Object.entries(schema.properties)) {
    if (!isRecord(part)) continue;
    const here = [...path, name];
    if (KEY in part) {
      const value = part[KEY];
      if (typeof value !== 'string' || !TOKEN.test(value)) {
        throw new SchemaRefused(
          `${label}: /${here.join('/')}: "${KEY}" must be a header token, received ${preview(value)}`,
        );
      }
      const type = TYPES.find((known) => known === part.type);
      if (type === undefined) {
        throw new SchemaRefused(
          `${label}: /${here.join('/')}: "${KEY}" needs type ${TYPES.join(', ')}, received ${preview(part.type)}`,
        );
      }
      found.push({ header: `Mcp-Param-${value}`, path: here, type });
    }
    collect(label, part, here, found);
  }
}

// Every annotation anywhere in the schema, to compare with those found on the allowed path. `properties` may name a
// parameter "x-mcp-header": its value is then a schema, not a text.
function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let total = isRecord(value) && KEY in value && !isRecord(value[KEY]) ? 1 : 0;
  for (const part of Object.values(value)) total += count(part);
  return total;
}

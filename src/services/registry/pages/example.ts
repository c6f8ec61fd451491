/**
 * Arguments that a tool's schema accepts, made from the schema alone, for a line that somebody copies and changes: what
 * is required, and nothing else. Schemas come from strangers: the example stays small whatever they say.
 */
import type { JsonObject } from '../../../wire/value.js';
import { textLike } from './pattern-text.js';
import { branchesOf, partOf, propertiesOf, requiredOf, typesOf } from './schema-parts.js';

const MAX_DEPTH = 8;
const MAX_PARTS = 200;
const MAX_ITEMS = 5;
const MAX_LENGTH = 200;

const FORMATS: { [format: string]: string } = {
  'date-time': '2026-01-31T09:00:00Z',
  date: '2026-01-31',
  time: '09:00:00Z',
  duration: 'P1D',
  email: 'person@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

export function exampleOf(schema: JsonObject): unknown {
  return new Maker(schema).make(schema, 0);
}

class Maker {
  #parts = 0;

  constructor(readonly root: JsonObject) {}

  make(schema: unknown, depth: number): unknown {
    this.#parts += 1;
    const part = partOf(schema, this.root);
    if ('const' in part) return part.const;
    if ('default' in part) return part.default;
    if (Array.isArray(part.examples) && part.examples.length > 0) return part.examples[0];
    if (Array.isArray(part.enum) && part.enum.length > 0) return part.enum[0];
    if (depth >= MAX_DEPTH || this.#parts >= MAX_PARTS) return null;
    const [branch] = branchesOf(part, this.root);
    if (branch !== undefined) {
      const { anyOf, oneOf, ...rest } = part;
      const { anyOf: _any, oneOf: _one, ...first } = branch;
      return this.make({ allOf: [rest, first] }, depth + 1);
    }
    switch (typesOf(part).find((type) => type !== 'null') ?? impliedType(part)) {
      case 'object':
        return this.#object(part, depth);
      case 'array':
        return this.#array(part, depth);
      case 'string':
        return text(part);
      case 'integer':
        return number(part, 'integer');
      case 'number':
        return number(part, 'number');
      case 'boolean':
        return false;
      default:
        return null;
    }
  }

  #object(part: JsonObject, depth: number): JsonObject {
    const known = new Map(propertiesOf(part));
    const names = requiredOf(part).slice(0, MAX_PARTS);
    // Not by assignment: `__proto__` is a name like any other.
    return Object.fromEntries(names.map((name) => [name, this.make(known.get(name) ?? {}, depth + 1)]));
  }

  #array(part: JsonObject, depth: number): unknown[] {
    const { items, prefixItems, minItems, maxItems } = part;
    const least = typeof minItems === 'number' ? minItems : maxItems === 0 ? 0 : 1;
    const first = Array.isArray(prefixItems) ? prefixItems : [];
    return Array.from({ length: Math.max(0, Math.min(least, MAX_ITEMS)) }, (_, at) =>
      this.make(first[at] ?? items, depth + 1),
    );
  }
}

function impliedType(part: JsonObject): string {
  if (propertiesOf(part).length > 0 || requiredOf(part).length > 0) return 'object';
  if ('items' in part || 'prefixItems' in part) return 'array';
  return 'minimum' in part || 'maximum' in part ? 'number' : 'string';
}

function text({ format, pattern, minLength, maxLength }: JsonObject): string {
  const least = typeof minLength === 'number' ? Math.min(minLength, MAX_LENGTH) : 0;
  const like = typeof pattern === 'string' ? textLike(pattern, least) : undefined;
  if (like !== undefined) return like;
  const known = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (known !== undefined) return known;
  const most = typeof maxLength === 'number' ? Math.max(0, maxLength) : MAX_LENGTH;
  return 'example'.padEnd(least, ' example').slice(0, Math.max(least, Math.min(most, MAX_LENGTH)));
}

function number(part: JsonObject, type: 'integer' | 'number'): number {
  const said = (key: string): number | undefined => {
    const value = part[key];
    return typeof value === 'number' ? value : undefined;
  };
  const [low, above, high, below, multiple] = [
    said('minimum'),
    said('exclusiveMinimum'),
    said('maximum'),
    said('exclusiveMaximum'),
    said('multipleOf'),
  ];
  const step = multiple !== undefined && multiple > 0 ? multiple : 1;
  const near = [low, above, high, below]
    .filter((bound) => bound !== undefined)
    .flatMap((bound) => [Math.ceil(bound / step), Math.floor(bound / step)])
    .flatMap((steps) => [steps, steps + 1, steps - 1].map((one) => one * step));
  const between = ((low ?? above ?? 0) + (high ?? below ?? 1)) / 2;
  const fits = (value: number): boolean =>
    value >= (low ?? value) &&
    value <= (high ?? value) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below) &&
    (multiple === undefined || Number.isInteger(value / step)) &&
    (type === 'number' || Number.isInteger(value));
  return [1, step, 0, ...near, between].find(fits) ?? 1;
}

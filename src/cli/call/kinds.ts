/** What a schema lets a value be, and how to say that in a few words. It reads hints; schema/compile.ts does the checking. */
import { isRecord, type JsonObject, shorten } from '../../wire/value.js';

export type Kind = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
const KINDS: readonly Kind[] = ['string', 'number', 'boolean', 'null', 'array', 'object'];
/** Schemas may refer to themselves. */
const MAX_STEPS = 8;

/** The schema of one member. A local reference of the whole schema is followed. */
export function propertyOf(schema: unknown, name: string): unknown {
  const whole = followed(schema, schema);
  if (!isRecord(whole)) return undefined;
  const { properties, additionalProperties } = whole;
  const part =
    isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
  return inlined(part, schema);
}

/** The kinds of values that fit; empty when the schema does not say. */
export function kindsOf(part: unknown, steps = MAX_STEPS): Set<Kind> {
  const kinds = new Set<Kind>();
  if (!isRecord(part) || steps === 0) return kinds;
  const { type, enum: values, const: only } = part;
  for (const one of Array.isArray(type) ? type : [type]) {
    const kind = one === 'integer' ? 'number' : KINDS.find((name) => name === one);
    if (kind !== undefined) kinds.add(kind);
  }
  if (kinds.size > 0) return kinds;
  const choices = [...(Array.isArray(values) ? values : []), ...('const' in part ? [only] : [])];
  for (const choice of choices) kinds.add(kindOfValue(choice));
  for (const list of [part.anyOf, part.oneOf])
    for (const branch of Array.isArray(list) ? list : [])
      for (const kind of kindsOf(branch, steps - 1)) kinds.add(kind);
  return kinds;
}

/** `integer`, `one of open, done`, `text or null`: for a list of parameters. */
export function kindText(part: unknown): string {
  if (!isRecord(part)) return 'anything';
  const { type, enum: values, items } = part;
  if (Array.isArray(values)) return `one of ${shorten(values.map(plain).join(', '), 80)}`;
  if ('const' in part) return `only ${plain(part.const)}`;
  if (type === 'array') return isRecord(items) ? `list of ${kindText(items)}` : 'list';
  if (type === 'integer') return `integer${rangeText(part)}`;
  const kinds = [...kindsOf(part)].map((kind) => (kind === 'string' ? 'text' : kind));
  return `${kinds.length === 0 ? 'anything' : kinds.join(' or ')}${rangeText(part)}`;
}

function rangeText({ minimum, maximum, minLength, maxLength }: JsonObject): string {
  const bounds = [
    typeof minimum === 'number' ? `at least ${minimum}` : '',
    typeof maximum === 'number' ? `at most ${maximum}` : '',
    typeof minLength === 'number' && minLength > 1 ? `at least ${minLength} characters` : '',
    typeof maxLength === 'number' ? `at most ${maxLength} characters` : '',
  ].filter((text) => text !== '');
  return bounds.length === 0 ? '' : `, ${bounds.join(', ')}`;
}

/** One value of a list of choices. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function kindOfValue(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

/** A part with its own reference and those of its branches and items followed. */
function inlined(part: unknown, root: unknown): unknown {
  const own = followed(part, root);
  if (!isRecord(own)) return own;
  const branches = (list: unknown): unknown =>
    Array.isArray(list) ? list.map((branch) => followed(branch, root)) : list;
  return {
    ...own,
    ...('anyOf' in own ? { anyOf: branches(own.anyOf) } : {}),
    ...('oneOf' in own ? { oneOf: branches(own.oneOf) } : {}),
    ...('items' in own ? { items: followed(own.items, root) } : {}),
  };
}

/** `{ $ref: '#/$defs/x' }` as what stands there; anything else as it is. */
function followed(part: unknown, root: unknown): unknown {
  let at = part;
  for (let steps = MAX_STEPS; steps > 0 && isRecord(at) && typeof at.$ref === 'string'; steps -= 1) {
    if (!at.$ref.startsWith('#')) return at;
    const names = at.$ref
      .slice(1)
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    at = names.reduce<unknown>(
      (here, name) => (isRecord(here) && Object.hasOwn(here, name) ? here[name] : undefined),
      root,
    );
  }
  return at;
}

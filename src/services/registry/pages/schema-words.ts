/** What a part of a JSON Schema asks of a value, beside its type, in words. */
import { type JsonObject, shorten } from '../../../wire/value.js';

const MAX_VALUES = 20;
const MAX_TEXT = 200;

export function limitsOf(part: JsonObject): string[] {
  const limits: (string | undefined)[] = [
    'const' in part ? `always ${shown(part.const)}` : undefined,
    Array.isArray(part.enum) ? `one of ${listed(part.enum)}` : undefined,
    typeof part.format === 'string' ? `format ${shorten(part.format, MAX_TEXT)}` : undefined,
    between(part.minLength, part.maxLength, 'character'),
    between(part.minItems, part.maxItems, 'item'),
    between(part.minProperties, part.maxProperties, 'member'),
    isNumber(part.minimum) ? `at least ${part.minimum}` : undefined,
    isNumber(part.exclusiveMinimum) ? `more than ${part.exclusiveMinimum}` : undefined,
    isNumber(part.maximum) ? `at most ${part.maximum}` : undefined,
    isNumber(part.exclusiveMaximum) ? `less than ${part.exclusiveMaximum}` : undefined,
    isNumber(part.multipleOf) ? `a multiple of ${part.multipleOf}` : undefined,
    part.uniqueItems === true ? 'no item twice' : undefined,
    typeof part.pattern === 'string' ? `matches ${shorten(part.pattern, MAX_TEXT)}` : undefined,
    part.additionalProperties === false ? 'no other members' : undefined,
    'default' in part ? `${shown(part.default)} when left out` : undefined,
    part.deprecated === true ? 'deprecated' : undefined,
  ];
  return limits.filter((one) => one !== undefined);
}

function between(least: unknown, most: unknown, what: string): string | undefined {
  const low = isNumber(least) && least > 0 ? least : undefined;
  const high = isNumber(most) ? most : undefined;
  if (low !== undefined && low === high) return `exactly ${counted(low, what)}`;
  if (low !== undefined && high !== undefined) return `${low} to ${counted(high, what)}`;
  if (low !== undefined) return `at least ${counted(low, what)}`;
  return high === undefined ? undefined : `at most ${counted(high, what)}`;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function listed(values: readonly unknown[]): string {
  const more = values.length - MAX_VALUES;
  return values.slice(0, MAX_VALUES).map(shown).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

// A text stands without quotes, as people write it, unless that would make it another value or none.
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  const plain = typeof value === 'string' && /^[\p{L}_][\p{L}\p{N}_.:/-]*$/u.test(value);
  return shorten(plain && !/^(true|false|null)$/.test(value) ? value : json, MAX_TEXT);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** What differs between two JSON values, member by member, in the order in which a reader meets it. */
import { isRecord } from '../../wire/value.js';

export type Difference = {
  /** JSON pointer (RFC 6901) of the member. */
  pointer: string;
  /** Absent where there was none. */
  before?: unknown;
  /** Absent where there is none any more. */
  after?: unknown;
};

/** Lists are compared by position. `digest` follows from the rest and is not told. */
export function differences(before: unknown, after: unknown): Difference[] {
  return [...eachDifference(before, after)];
}

/** One at a time, so that the first few cost no more than themselves. */
export function* eachDifference(
  before: unknown,
  after: unknown,
  pointer = '',
): Generator<Difference, undefined> {
  if (Object.is(before, after)) return undefined;
  const [left, right] = [members(before), members(after)];
  if (left === undefined || right === undefined || Array.isArray(before) !== Array.isArray(after)) {
    yield { pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
    return undefined;
  }
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (pointer === '' && key === 'digest') continue;
    yield* eachDifference(left.get(key), right.get(key), `${pointer}/${step(key)}`);
  }
  return undefined;
}

function members(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((one, at) => [String(at), one]));
  return isRecord(value) ? new Map(Object.entries(value)) : undefined;
}

function step(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

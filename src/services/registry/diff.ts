/** The differences between two JSON values, member by member, in document order. */
import { isRecord, pointerPart } from '../../wire/value.js';

export type Difference = {
  /** JSON pointer (RFC 6901) of the member. */
  pointer: string;
  /** Absent if there was none. */
  before?: unknown;
  /** Absent if there is none now. */
  after?: unknown;
};

/** Lists are compared by position. The top-level `digest` is left out, because it follows from the rest. */
export function differences(before: unknown, after: unknown): Difference[] {
  return [...eachDifference(before, after)];
}

/** Lazily, so that the first difference costs little. */
export function* eachDifference(before: unknown, after: unknown, pointer = ''): Generator<Difference> {
  if (Object.is(before, after)) return;
  const [left, right] = [members(before), members(after)];
  if (left === undefined || right === undefined || Array.isArray(before) !== Array.isArray(after)) {
    yield { pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
    return;
  }
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (pointer === '' && key === 'digest') continue;
    yield* eachDifference(left.get(key), right.get(key), pointer + pointerPart(key));
  }
}

function members(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((one, at) => [String(at), one]));
  return isRecord(value) ? new Map(Object.entries(value)) : undefined;
}

/** What differs between two JSON values, member by member, in the order in which a reader meets it. */
import { isRecord } from '../value.js';

export type Difference = {
  /** JSON pointer (RFC 6901) of the member. */
  pointer: string;
  /** Absent where there was none. */
  before?: unknown;
  /** Absent where there is none any more. */
  after?: unknown;
};

/** Lists are compared by position. `digest` follows from the rest and is not told. */
export function differences(before: unknown, after: unknown, pointer = ''): Difference[] {
  if (Object.is(before, after)) return [];
  const [left, right] = [members(before), members(after)];
  if (left === undefined || right === undefined || Array.isArray(before) !== Array.isArray(after)) {
    return [
      { pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) },
    ];
  }
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((key) => !(pointer === '' && key === 'digest'))
    .flatMap((key) => differences(left.get(key), right.get(key), `${pointer}/${step(key)}`));
}

function members(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((one, at) => [String(at), one]));
  return isRecord(value) ? new Map(Object.entries(value)) : undefined;
}

function step(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

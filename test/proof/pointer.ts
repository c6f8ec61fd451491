/** JSON pointers with `*` for every member or element, and copies of a value that differ at them. */
import { isObject } from './violation.js';

const GONE = Symbol('gone');
type Change = (value: unknown) => unknown;

export const drop: Change = () => GONE;

/** The changed copy, or undefined when the pointer leads nowhere or nothing differs. A new last member can be added. */
export function changedAt(value: unknown, pointer: string, change: Change): unknown {
  const changed = at(value, pointer.split('/').slice(1).map(unescaped), change);
  return changed === GONE || JSON.stringify(changed) === JSON.stringify(value) ? undefined : changed;
}

const unescaped = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

function at(value: unknown, [part, ...rest]: string[], change: Change): unknown {
  if (part === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => {
      if (part !== '*' && part !== String(index)) return [one];
      const changed = at(one, rest, change);
      return changed === GONE ? [] : [changed];
    });
  }
  if (!isObject(value)) return value;
  const copy = { ...value };
  for (const key of part === '*' ? Object.keys(value) : [part]) {
    // Only the last part may name a member that is not there yet.
    if (!Object.hasOwn(value, key) && rest.length > 0) continue;
    const changed = at(value[key], rest, change);
    if (changed === GONE) delete copy[key];
    else if (changed !== undefined) copy[key] = changed;
  }
  return copy;
}

/** A changed copy of a JSON tree, made without recursion, because deep nesting would overflow the call stack. */
import { isRecord, type JsonObject } from '../../wire/value.js';

/** How the copy differs. A place is what a visitor has to know about the position of a value. */
export type Visitor<Place> = {
  /** The replacement of a string, a number, a boolean or null. */
  leaf(value: unknown, place: Place): unknown;
  /** The place of each child, by its name or index in the container. */
  enter(container: readonly unknown[] | JsonObject, place: Place): (key: string | number) => Place;
  /** The new names of an object's members, each of them once. */
  rename?(names: readonly string[]): readonly string[];
};

type Copying<Place> = { from: readonly unknown[] | JsonObject; to: unknown; place: Place };

export function copyTree<Place>(root: unknown, place: Place, visitor: Visitor<Place>): unknown {
  const waiting: Copying<Place>[] = [];
  const copy = (value: unknown, at: Place): unknown => {
    const to = Array.isArray(value) ? [] : isRecord(value) ? {} : undefined;
    if (to === undefined) return visitor.leaf(value, at);
    waiting.push({ from: value as Copying<Place>['from'], to, place: at });
    return to;
  };
  const copied = copy(root, place);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) fill(next, copy, visitor);
  return copied;
}

// Children are inserted at once and filled later, so that the order of members stays.
function fill<Place>(
  { from, to, place }: Copying<Place>,
  copy: (value: unknown, place: Place) => unknown,
  visitor: Visitor<Place>,
): void {
  const placeOf = visitor.enter(from, place);
  if (isRecord(from)) {
    const names = Object.keys(from);
    const renamed = visitor.rename?.(names) ?? names;
    names.forEach((name, index) => {
      // Not an assignment, because a member may be called `__proto__`.
      const value = copy(from[name], placeOf(name));
      const property = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(to, renamed[index] ?? name, property);
    });
  } else if (Array.isArray(to)) from.forEach((item, index) => void to.push(copy(item, placeOf(index))));
}

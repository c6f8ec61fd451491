/**
 * Results without personal columns: what stands in a column or member named e-mail, social security number or phone
 * is masked, unless the caller may read it. Found by name alone; what text looks like is redact.ts's business.
 */
import { isRecord, type JsonObject } from '../value.js';
import { copyTree, type Visitor } from './tree.js';

/** Whoever holds it sees personal columns as they are. */
export const READ_PERSONAL_DATA = 'pii:read';

export const PERSONAL_COLUMNS: readonly string[] = ['email', 'phone', 'ssn'];

/** The columns that a caller with these scopes may not read. */
export function maskedColumns(scopes: readonly string[]): readonly string[] {
  return scopes.includes(READ_PERSONAL_DATA) ? [] : PERSONAL_COLUMNS;
}

/** What a value stands under: a mask, or the rows or one row of a table with the masks of its columns. */
type Place =
  | { kind: 'mask'; mask: string }
  | { kind: 'rows' | 'row'; masks: readonly (string | undefined)[] }
  | undefined;

/**
 * The value itself where nothing in it has such a name, which is most often; else a copy in which `[email]` and the
 * like stand for everything in these columns but null. Names are compared without
 * regard to case. Tables are `{ columns: [{ name }], rows: [[...]] }`; any other object is read by its members' names.
 */
export function maskColumns(value: unknown, columns: readonly string[]): unknown {
  if (columns.length === 0) return value;
  const masks = masksOf(columns);
  const maskOf = (name: unknown): string | undefined =>
    typeof name === 'string' ? masks.get(name.toLowerCase()) : undefined;

  if (!mentions(value, maskOf)) return value;

  const visitor: Visitor<Place> = {
    leaf: (leaf, place) => (place?.kind === 'mask' && leaf !== null ? place.mask : leaf),
    enter(container, place) {
      if (place?.kind === 'mask') return () => place;
      if (!isRecord(container)) return (at) => cell(place, Number(at));
      const cells = columnMasks(container, maskOf);
      return (name) => {
        if (cells !== undefined && name === 'rows') return { kind: 'rows', masks: cells };
        const mask = maskOf(name);
        return mask === undefined ? undefined : { kind: 'mask', mask };
      };
    },
  };
  return copyTree(value, undefined, visitor);
}

const masksByColumns = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

/** Most callers have the same columns masked, the list above. */
function masksOf(columns: readonly string[]): ReadonlyMap<string, string> {
  const known = masksByColumns.get(columns);
  if (known !== undefined) return known;
  const masks = new Map(columns.map((column) => [column.toLowerCase(), `[${column}]`]));
  masksByColumns.set(columns, masks);
  return masks;
}

/** Whether any member or column at any depth has a name that is masked. */
function mentions(value: unknown, maskOf: (name: unknown) => string | undefined): boolean {
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      for (const item of next) if (typeof item === 'object' && item !== null) waiting.push(item);
    } else if (isRecord(next)) {
      if (columnMasks(next, maskOf)?.some((mask) => mask !== undefined)) return true;
      for (const name of Object.keys(next)) {
        if (maskOf(name) !== undefined) return true;
        const member = next[name];
        if (typeof member === 'object' && member !== null) waiting.push(member);
      }
    }
  }
  return false;
}

/** The place of one item of an array: a row among rows, a cell in a row. */
function cell(place: Place, at: number): Place {
  if (place?.kind === 'rows') return { kind: 'row', masks: place.masks };
  const mask = place?.kind === 'row' ? place.masks[at] : undefined;
  return mask === undefined ? undefined : { kind: 'mask', mask };
}

function columnMasks(
  { columns, rows }: JsonObject,
  maskOf: (name: unknown) => string | undefined,
): readonly (string | undefined)[] | undefined {
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  return columns.map((column) => maskOf(isRecord(column) ? column.name : column));
}

/**
 * Masks personal columns in results: everything in a column or member named `email`, `phone` or `ssn`, unless the caller may read
 * it. Only the name counts; redact.ts recognises personal data by its form. Masking works on the JSON text that is sent, not on
 * the value that the text was made from.
 */
import { jsonValues, type Node, stringAt } from './json-spans.js';

/** A caller with this scope sees personal columns as they are. */
export const READ_PERSONAL_DATA = 'pii:read';

export const PERSONAL_COLUMNS: readonly string[] = ['email', 'phone', 'ssn'];

/** The columns that a caller with these scopes may not read. */
export function maskedColumns(scopes: readonly string[]): readonly string[] {
  return scopes.includes(READ_PERSONAL_DATA) ? [] : PERSONAL_COLUMNS;
}

type Masks = { byName: ReadonlyMap<string, string>; mentioned: RegExp };

/** The masks of the cells in a row, by their place. */
type Cells = readonly (string | undefined)[];

/** The mask that applies to a value, or the rows or one row of a table with the masks of its columns. */
type Place = { kind: 'mask'; mask: string } | { kind: 'rows' | 'row'; cells: Cells } | undefined;

/**
 * The text with `[email]` and the like for everything in these columns but null, and every other character unchanged; mostly no
 * name occurs, and the text is the same. JSON is whatever begins a line with a bracket: the whole text, one value a line, or a
 * value between words. JSON that breaks off is masked up to there. Names are compared without regard to case. A table is
 * `{ columns: [{ name }], rows: [[...]] }`; in any other object the names of the members count.
 */
export function maskColumns(text: string, columns: readonly string[]): string {
  if (columns.length === 0) return text;
  const masks = masksOf(columns);
  if (!masks.mentioned.test(text)) return text;
  const edits: Edit[] = [];
  const waiting: { node: Node; place: Place }[] = jsonValues(text).map((node) => ({
    node,
    place: undefined,
  }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, place } = next;
    if (node.items !== undefined) {
      node.items.forEach((item, at) => void waiting.push({ node: item, place: itemPlace(place, at) }));
    } else if (node.members !== undefined) {
      const cells = cellsOf(text, node, masks);
      for (const { name, value } of node.members)
        waiting.push({ node: value, place: memberPlace(place, name, cells, masks) });
    } else if (place?.kind === 'mask' && !isNull(text, node)) edits.push({ node, mask: place.mask });
  }
  return applyEdits(text, edits);
}

type Edit = { node: Node; mask: string };

function applyEdits(text: string, edits: Edit[]): string {
  edits.sort((one, other) => one.node.start - other.node.start);
  let result = '';
  let copied = 0;
  for (const { node, mask } of edits) {
    result += text.slice(copied, node.start) + mask;
    copied = node.end;
  }
  return result + text.slice(copied);
}

const masksByColumns = new WeakMap<readonly string[], Masks>();

/** Most callers have the same masked columns, so their masks are prepared once. */
function masksOf(columns: readonly string[]): Masks {
  const cached = masksByColumns.get(columns);
  if (cached !== undefined) return cached;
  const names = columns.map((column) => column.toLowerCase());
  const isPlain = names.every((name) => /^[\w -]+$/.test(name));
  const masks: Masks = {
    byName: new Map(names.map((name, at) => [name, JSON.stringify(`[${columns[at]}]`)])),
    // A name with escapes may be any name.
    mentioned: isPlain ? new RegExp(`${names.join('|')}|\\\\u`, 'iu') : /^/,
  };
  masksByColumns.set(columns, masks);
  return masks;
}

function maskOf(name: string | undefined, { byName }: Masks): string | undefined {
  return name === undefined ? undefined : byName.get(name.toLowerCase());
}

function memberPlace(place: Place, name: string, cells: Cells | undefined, masks: Masks): Place {
  if (place?.kind === 'mask') return place;
  if (cells !== undefined && name === 'rows') return { kind: 'rows', cells };
  const mask = maskOf(name, masks);
  return mask === undefined ? undefined : { kind: 'mask', mask };
}

/** The place of one item of an array: a row among rows, a cell in a row. */
function itemPlace(place: Place, at: number): Place {
  if (place?.kind === 'mask') return place;
  if (place?.kind === 'rows') return { kind: 'row', cells: place.cells };
  const mask = place?.kind === 'row' ? place.cells[at] : undefined;
  return mask === undefined ? undefined : { kind: 'mask', mask };
}

/** Undefined unless the object is a table. When `columns` occurs twice, readers take one or the other, so both count. */
function cellsOf(text: string, { members = [] }: Node, masks: Masks): Cells | undefined {
  const lists = members.flatMap(({ name, value }) =>
    name === 'columns' && value.items ? [value.items] : [],
  );
  if (lists.length === 0 || !members.some(({ name, value }) => name === 'rows' && value.items))
    return undefined;
  const cells: (string | undefined)[] = [];
  for (const items of lists)
    items.forEach((column, at) => {
      cells[at] ??= columnMask(text, column, masks);
    });
  return cells;
}

function columnMask(text: string, column: Node, masks: Masks): string | undefined {
  if (column.members === undefined) return maskOf(stringAt(text, column), masks);
  for (const { name, value } of column.members) {
    const mask = name === 'name' ? maskOf(stringAt(text, value), masks) : undefined;
    if (mask !== undefined) return mask;
  }
  return undefined;
}

function isNull(text: string, { start, end }: Node): boolean {
  return end - start === 4 && text.startsWith('null', start);
}

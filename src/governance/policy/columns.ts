/**
 * Masks personal columns in results: everything in a column or member named `email`, `phone` or `ssn`, unless the caller may read
 * it. Only the name counts; redact.ts recognises personal data by its form, for the audit log. Which parts of a result are masked,
 * and when, is in wire/mcp/masking.ts. This file masks one text: it finds the positions of the values (json-spans.ts) and replaces
 * some, so that every other byte stays.
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
type Place = string | { kind: 'rows' | 'row'; cells: Cells } | undefined;

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
  const edits: { node: Node; mask: string }[] = [];
  const waiting: { node: Node; place: Place }[] = [];
  for (const node of jsonValues(text)) waiting.push({ node, place: undefined });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, place } = next;
    const { items, members } = node;
    if (items !== undefined) {
      for (let at = 0; at < items.length; at += 1) {
        const item = items[at];
        if (item !== undefined) waiting.push({ node: item, place: itemPlace(place, at) });
      }
    } else if (members !== undefined) {
      const cells = typeof place === 'string' ? undefined : cellsOf(text, members, masks);
      for (const { name, value } of members) {
        const isRows = cells !== undefined && name === 'rows';
        const own = isRows ? ({ kind: 'rows', cells } as const) : masks.byName.get(name.toLowerCase());
        waiting.push({ node: value, place: typeof place === 'string' ? place : own });
      }
    } else if (typeof place === 'string' && text.slice(node.start, node.end) !== 'null') {
      edits.push({ node, mask: place });
    }
  }
  edits.sort((one, other) => one.node.start - other.node.start);
  let result = '';
  let copiedEnd = 0;
  for (const { node, mask } of edits) {
    result += text.slice(copiedEnd, node.start) + mask;
    copiedEnd = node.end;
  }
  return result + text.slice(copiedEnd);
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
    // In quotes or before a colon: most texts that mention a phone hold none. A name with escapes may be any name.
    mentioned: isPlain
      ? new RegExp(`"(?:${names.join('|')})"|(?:${names.join('|')})[\\s\\u001e]*:|\\\\u`, 'iu')
      : /^/,
  };
  masksByColumns.set(columns, masks);
  return masks;
}

/** The place of one item of an array: a row among rows, a cell in a row. */
function itemPlace(place: Place, at: number): Place {
  if (typeof place !== 'object') return place;
  return place.kind === 'rows' ? { kind: 'row', cells: place.cells } : place.cells[at];
}

/** Undefined unless the object is a table. When `columns` occurs twice, readers take one or the other, so both count. */
function cellsOf(
  text: string,
  members: readonly { name: string; value: Node }[],
  { byName }: Masks,
): Cells | undefined {
  let hasRows = false;
  let cells: (string | undefined)[] | undefined;
  for (const { name, value } of members) {
    if (value.items === undefined) continue;
    if (name === 'rows') hasRows = true;
    if (name !== 'columns') continue;
    cells ??= [];
    for (const [at, column] of value.items.entries()) {
      const names = column.members?.filter((member) => member.name === 'name') ?? [{ value: column }];
      for (const { value } of names) cells[at] ??= byName.get(stringAt(text, value)?.toLowerCase() ?? '');
    }
  }
  return hasRows ? cells : undefined;
}

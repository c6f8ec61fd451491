/** Breaks lines that are too long for a terminal. They continue behind the place where they began. */

/** Lines that one long line becomes. */
const MAX_FOLDS = 12;

/** The lines of a text that begins with a mark. What is very long is cut. */
export function folded(text: string, columns: number): string[] {
  const indent = Math.min(/^. */.exec(text)?.[0].length ?? 0, Math.floor(columns / 3));
  const begin = `${text.slice(0, 1)}${' '.repeat(indent + 1)}`;
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    if (lines.length === MAX_FOLDS) return [...lines, `${begin}… ${rest.length} more characters`];
    const at = breakIn(rest, begin.length, columns);
    lines.push(rest.slice(0, at).trimEnd());
    rest = begin + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** Between words if possible, or else between the fields of a form or of JSON without spaces, or else anywhere. */
function breakIn(text: string, from: number, columns: number): number {
  const space = text.lastIndexOf(' ', columns);
  if (space > columns / 2) return space;
  const field = text.lastIndexOf('&', columns);
  const comma = text.lastIndexOf(',', columns - 1) + 1;
  const at = Math.max(space, field, comma);
  return at > from ? at : columns;
}

/**
 * Whether one word is another with a typo or two: letters left out, put in, taken for others, or two neighbours
 * swapped (Damerau-Levenshtein, with no letter changed twice). Counted in UTF-16 code units.
 */

/** The distance when it is at most `most`, else undefined. */
export function typosBetween(left: string, right: string, most: number): number | undefined {
  if (Math.abs(left.length - right.length) > most) return undefined;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row += 1) {
    // Cells farther than `most` from the diagonal are above it anyway.
    const line = new Array<number>(right.length + 1).fill(most + 1);
    line[0] = row;
    let least = row;
    const end = Math.min(right.length, row + most);
    for (let column = Math.max(1, row - most); column <= end; column += 1) {
      const same = left.charCodeAt(row - 1) === right.charCodeAt(column - 1);
      let cost = Math.min(
        cell(last, column) + 1,
        cell(line, column - 1) + 1,
        cell(last, column - 1) + (same ? 0 : 1),
      );
      if (swapped(left, right, row, column)) cost = Math.min(cost, cell(beforeLast, column - 2) + 1);
      line[column] = cost;
      least = Math.min(least, cost);
    }
    if (least > most) return undefined;
    beforeLast = last;
    last = line;
  }
  const distance = cell(last, right.length);
  return distance <= most ? distance : undefined;
}

function swapped(left: string, right: string, row: number, column: number): boolean {
  return (
    row > 1 &&
    column > 1 &&
    left.charCodeAt(row - 1) === right.charCodeAt(column - 2) &&
    left.charCodeAt(row - 2) === right.charCodeAt(column - 1)
  );
}

function cell(line: readonly number[], at: number): number {
  return line[at] ?? Number.POSITIVE_INFINITY;
}

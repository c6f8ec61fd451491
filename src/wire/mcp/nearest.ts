/**
 * Which names somebody may have meant who gave one that does not exist: another spelling of it, the same with what a host puts
 * in front, its beginning, or one with a typing error. Every name is looked at in time that its length bounds.
 */

const MAX_SHOWN = 3;
/** Longer than this is no name of a tool, and of more names only the first are looked at. */
const MAX_LENGTH = 200;
const MAX_NAMES = 1_000;

/** `; did you mean a or b?`, or nothing where no name is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const near = nearestNames(name, names);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** The nearest first; of equally near ones, in their own order. */
export function nearestNames(name: string, names: readonly string[]): string[] {
  if (name.length > MAX_LENGTH) return [];
  const wanted = plain(name);
  const near = names
    .slice(0, MAX_NAMES)
    .map((candidate) => ({ candidate, far: farness(wanted, plain(candidate)) }))
    .filter(({ far }) => Number.isFinite(far))
    .sort((one, other) => one.far - other.far);
  // What is much farther than the nearest is not what was meant.
  const limit = (near[0]?.far ?? 0) + 1;
  return near
    .filter(({ far }) => far <= limit)
    .slice(0, MAX_SHOWN)
    .map(({ candidate }) => candidate);
}

/** Letters and digits: hosts write other signs for a dot, and people leave them out. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function farness(wanted: string, candidate: string): number {
  if (wanted === '' || candidate === '') return Number.POSITIVE_INFINITY;
  if (wanted === candidate) return 0;
  // `mcp__internal__s3_list`, and `postgres` for postgres.readonly.
  if (candidate.length > 2 && wanted.endsWith(candidate)) return 1;
  if (wanted.length > 2 && candidate.startsWith(wanted)) return 1;
  const shorter = Math.min(wanted.length, candidate.length);
  let same = 0;
  while (same < shorter && wanted[same] === candidate[same]) same += 1;
  // What two names have in front of them makes their ends no more alike.
  const most = Math.min(3, Math.floor(shorter / 3), Math.max(1, Math.floor((shorter - same) / 3)));
  return 1 + (typosBetween(wanted, candidate, most) ?? Number.POSITIVE_INFINITY);
}

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

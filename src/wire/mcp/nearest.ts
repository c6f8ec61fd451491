/**
 * Suggests names in place of one that does not exist: another spelling of it, the same without what a host puts in front, one that
 * it begins, or one with a typing error. The time for each name grows with its length and no faster.
 */

const MAX_SHOWN = 3;
/** No tool has a longer name; and of more names, only the first are compared. */
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
  const plainName = plain(name);
  const near = names
    .slice(0, MAX_NAMES)
    .map((candidate) => ({ candidate, far: farness(plainName, plain(candidate)) }))
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

function farness(name: string, candidate: string): number {
  if (name === '' || candidate === '') return Number.POSITIVE_INFINITY;
  if (name === candidate) return 0;
  // `mcp__internal__s3_list`, and `postgres` for postgres.readonly.
  if (candidate.length > 2 && name.endsWith(candidate)) return 1;
  if (name.length > 2 && candidate.startsWith(name)) return 1;
  const shorter = Math.min(name.length, candidate.length);
  let same = 0;
  while (same < shorter && name[same] === candidate[same]) same += 1;
  // What two names have in front of them makes their ends no more alike.
  const most = Math.min(3, Math.floor(shorter / 3), Math.max(1, Math.floor((shorter - same) / 3)));
  return 1 + (typosBetween(name, candidate, most) ?? Number.POSITIVE_INFINITY);
}

/**
 * How many typing errors lead from one to the other: a letter too many, missing or wrong, or two of them swapped. Undefined where
 * it takes more than `most`.
 */
export function typosBetween(left: string, right: string, most: number): number | undefined {
  if (Math.abs(left.length - right.length) > most) return undefined;
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const [here, there] = [left.slice(same), right.slice(same)];
  if (here === '' && there === '') return 0;
  const swap = here.length > 1 && here[0] === there[1] && here[1] === there[0] ? 2 : 1;
  let best: number | undefined;
  let limit = most;
  for (const [skipHere, skipThere] of [
    [1, 0],
    [0, 1],
    [1, 1],
    [swap, swap],
  ] as const) {
    if (limit === 0) return best;
    // Each repair leaves fewer for the rest, so the time grows with the length and no faster.
    const typos = typosBetween(here.slice(skipHere), there.slice(skipThere), limit - 1);
    if (typos === undefined) continue;
    best = typos + 1;
    limit = typos;
  }
  return best;
}

/**
 * Suggests names for one that does not exist: another spelling, the name without a host's prefix, a longer name that begins with it, or
 * one that a typing error turns into it. The time per name is linear in its length.
 */

const MAX_SUGGESTIONS = 3;
/** No tool has a longer name. Of more names, only the first are compared. */
const MAX_LENGTH = 200;
const MAX_NAMES = 1_000;

/** `; did you mean a or b?`, or the empty string if no name is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const suggestions = nearestNames(name, names);
  return suggestions.length === 0 ? '' : `; did you mean ${suggestions.join(' or ')}?`;
}

/** The nearest first; equally near ones keep their order. */
export function nearestNames(name: string, names: readonly string[]): string[] {
  if (name.length > MAX_LENGTH) return [];
  const letters = lettersOf(name);
  const matches = names
    .slice(0, MAX_NAMES)
    .map((candidate) => ({ candidate, distance: distanceOf(letters, lettersOf(candidate)) }))
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((one, other) => one.distance - other.distance);
  // A name that is much farther than the nearest is not what was meant.
  const limit = (matches[0]?.distance ?? 0) + 1;
  return matches
    .filter(({ distance }) => distance <= limit)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

/** Keeps letters and digits only: hosts replace a dot with other signs, and people leave it out. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function distanceOf(name: string, candidate: string): number {
  if (name === '' || candidate === '') return Number.POSITIVE_INFINITY;
  if (name === candidate) return 0;
  // `mcp__internal__s3_list`, and `postgres` for postgres.readonly.
  if (candidate.length > 2 && name.endsWith(candidate)) return 1;
  if (name.length > 2 && candidate.startsWith(name)) return 1;
  const shorter = Math.min(name.length, candidate.length);
  let prefix = 0;
  while (prefix < shorter && name[prefix] === candidate[prefix]) prefix += 1;
  // A shared prefix does not make the rest more alike, so it allows no more errors there.
  const maxTypos = Math.min(3, Math.floor(shorter / 3), Math.max(1, Math.floor((shorter - prefix) / 3)));
  return 1 + (typosBetween(name, candidate, maxTypos) ?? Number.POSITIVE_INFINITY);
}

/**
 * How many typing errors lead from one to the other: an extra, missing or wrong letter, or two swapped ones. Undefined if there are more
 * than `maxTypos`.
 */
export function typosBetween(left: string, right: string, maxTypos: number): number | undefined {
  if (Math.abs(left.length - right.length) > maxTypos) return undefined;
  let prefix = 0;
  while (prefix < left.length && left[prefix] === right[prefix]) prefix += 1;
  const [here, there] = [left.slice(prefix), right.slice(prefix)];
  if (here === '' && there === '') return 0;
  const swap = here.length > 1 && here[0] === there[1] && here[1] === there[0] ? 2 : 1;
  let best: number | undefined;
  let limit = maxTypos;
  for (const [skipHere, skipThere] of [
    [1, 0],
    [0, 1],
    [1, 1],
    [swap, swap],
  ] as const) {
    if (limit === 0) return best;
    // Each error leaves fewer for the rest, so the time stays linear in the length.
    const typos = typosBetween(here.slice(skipHere), there.slice(skipThere), limit - 1);
    if (typos === undefined) continue;
    best = typos + 1;
    limit = typos;
  }
  return best;
}

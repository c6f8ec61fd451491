/** Draws a sample by a seed, so that a failed run can be repeated. */
import { createHash } from 'node:crypto';

export function drawn(all: readonly string[], count: number, seed: string): string[] {
  const rank = (one: string) => createHash('sha256').update(`${seed} ${one}`).digest('hex');
  const chosen = new Set([...all].sort((one, other) => (rank(one) < rank(other) ? -1 : 1)).slice(0, count));
  return all.filter((one) => chosen.has(one));
}

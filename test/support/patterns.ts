/** Whether the time of a regular expression can explode, and the patterns of src that are known to be slow. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The patterns that `checkPattern` has found safe, as `/source/flags`. `npx tsx test/patterns.test.ts --write` writes them. */
export const LIST = fileURLToPath(new URL('../patterns.json', import.meta.url));

/**
 * Milliseconds: far more than any of them takes where nothing else runs. The checker takes a match that ends late for a slow one,
 * and its own limits of a quarter of a second and a second are too short on a busy machine.
 */
const LIMITS = { timeout: 600_000, attackTimeout: 60_000, incubationTimeout: 30_000 };

export const readList = (): string[] => JSON.parse(readFileSync(LIST, 'utf8')) as string[];

// The checker cannot clear a pattern that it does not understand, and nobody may rely on such a pattern.
export async function checkPattern(source: string, flags: string): Promise<string> {
  // In this process and in JavaScript: the other ways take a program for each kind of machine.
  process.env.RECHECK_SYNC_BACKEND = 'pure';
  const { checkSync } = await import('recheck');
  const verdict = checkSync(source, flags, LIMITS);
  return verdict.status === 'vulnerable' ? `vulnerable, ${verdict.complexity.summary}` : verdict.status;
}

/**
 * Looks in what a server tells models for what a person would not see and a model would read: hidden.ts for characters
 * without a shape, orders.ts for sentences that are meant for the model alone.
 */
import type { ManifestTool } from '../../manifest/manifest.js';
import { isRecord, shorten } from '../../value.js';
import { looksLike } from './confusables.js';
import { hiddenIn } from './hidden.js';
import { orderIn } from './orders.js';

export type Suspicion = {
  /** `hidden`: nobody sees it. `order`: a person should read it. */
  kind: 'hidden' | 'order';
  /** JSON pointer to the text. */
  pointer: string;
  /** What was seen, in visible characters. */
  seen: string;
};

/** In the order of the tool's members, each place once for each kind. */
export function scanTool(tool: ManifestTool): Suspicion[] {
  const { digest: _, ...told } = tool;
  return [...textsIn(told, '')].flatMap(([pointer, text]) => scanText(pointer, text));
}

/** Each kind once for each text. */
export function scanText(pointer: string, text: string): Suspicion[] {
  const found: Suspicion[] = [];
  const hidden = hiddenIn(text);
  if (hidden !== undefined) found.push({ kind: 'hidden', pointer, seen: hidden });
  const order = orderIn(text);
  if (order !== undefined)
    found.push({ kind: 'order', pointer, seen: JSON.stringify(shorten(looksLike(order), 120)) });
  return found;
}

/** Names of members count as well: a model reads the names of arguments. */
export function* textsIn(value: unknown, pointer: string): Generator<[pointer: string, text: string]> {
  if (typeof value === 'string') yield [pointer, value];
  else if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) yield* textsIn(one, `${pointer}/${at}`);
  } else if (isRecord(value)) {
    for (const [key, one] of Object.entries(value)) {
      const here = `${pointer}/${shorten(key, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`;
      yield [here, key];
      yield* textsIn(one, here);
    }
  }
}

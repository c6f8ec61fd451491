/**
 * Looks in what a server tells models for what a person would not see and a model would read: hidden.ts for characters
 * without a shape, orders.ts for sentences that are meant for the model alone.
 */
import { isRecord, shorten } from '../../../wire/value.js';
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

/** So much of one text is read for orders, and so much of all that one server tells; hidden text is looked for in all of it. */
export const MAX_READ = 16_384;
const MAX_READ_IN_ALL = 512 * 1024;
/** A text is read piece by piece: none takes long, and an order that two pieces share stands in one of them. */
const PIECE = 4_096;
const OVERLAP = 256;

export type Scan = {
  /** Suspicions in all texts of a value, names of members included. */
  of(value: unknown, pointer: string): { suspicions: Suspicion[]; cut: boolean };
};

/** One for all that a server tells, since they share one bound. */
export function createScan(): Scan {
  let left = MAX_READ_IN_ALL;
  return {
    of(value, pointer) {
      const suspicions: Suspicion[] = [];
      let cut = false;
      for (const [at, text] of textsIn(value, pointer)) {
        const most = Math.min(MAX_READ, left);
        left -= Math.min(text.length, most);
        cut ||= text.length > most;
        suspicions.push(...scanText(at, text, most));
      }
      return { suspicions, cut };
    },
  };
}

/** Each kind once for each text. */
export function scanText(pointer: string, text: string, most = MAX_READ): Suspicion[] {
  const found: Suspicion[] = [];
  const hidden = firstIn(pieces(text, PIECE * 4, 0), hiddenIn);
  if (hidden !== undefined) found.push({ kind: 'hidden', pointer, seen: hidden });
  const order = firstIn(pieces(text.slice(0, most), PIECE, OVERLAP), orderIn);
  if (order !== undefined)
    found.push({ kind: 'order', pointer, seen: JSON.stringify(shorten(looksLike(order), 120)) });
  return found;
}

function firstIn<Value>(
  texts: Iterable<string>,
  look: (text: string) => Value | undefined,
): Value | undefined {
  for (const text of texts) {
    const value = look(text);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Cut between words where there are any, so that a joiner keeps the letter before it. */
export function* pieces(text: string, size: number, overlap: number): Generator<string> {
  let from = 0;
  while (from + size < text.length) {
    const space = text.lastIndexOf(' ', from + size);
    const end = space > from + size / 2 ? space : from + size;
    yield text.slice(from, end);
    from = end - overlap;
  }
  yield text.slice(from);
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

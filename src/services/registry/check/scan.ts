/**
 * Scans every text that a server shows models, in its manifest and its lists, for what a person should know: characters
 * that nobody sees (hidden.ts), and sentences that give a model orders (orders.ts).
 */
import { isRecord, pointerPart, shorten } from '../../../wire/value.js';
import type { Finding, ObservedManifest } from '../entry.js';
import { looksLike } from './confusables.js';
import { finding, GUIDANCE_HIDES, type Suspicion, suspicious } from './findings.js';
import { hiddenIn } from './hidden.js';
import { guidanceIn } from './listing.js';
import type { McpListing } from './mcp-client.js';
import { orderIn } from './orders.js';

/** Orders are searched in this much of one text and of all texts of a server; hidden characters everywhere. */
export const MAX_READ = 16_384;
const MAX_READ_IN_ALL = 512 * 1024;
/** A text is searched in overlapping pieces: no piece takes long, and an order at a border is within one of them. */
const PIECE = 4_096;
const OVERLAP = 256;

export function scanServer(manifest: ObservedManifest, listing: McpListing | undefined): Finding[] {
  const scan = createScan();
  const findings: Finding[] = [];

  function add(value: unknown, pointer: string, tool?: string): void {
    const { suspicions, cut } = scan.of(value, pointer);
    findings.push(...suspicious(suspicions, tool));
    if (cut) findings.push(tooLong(pointer || '/', tool));
  }

  const { title = '', owner, tools } = manifest;
  add(title, '/title');
  add(owner, '/owner');
  const manifestNames = new Set<string>();
  for (const { digest: _, manifestDigest: __, ...tool } of tools) {
    manifestNames.add(tool.name);
    add(tool, '', tool.name);
    // A client resolves /tools/../switch to /switch before sending it, and would switch the whole server.
    if (tool.name === '.' || tool.name === '..')
      findings.push(finding('tool-unaddressable', `${tool.name} leads to another address`, tool.name));
  }
  if (listing === undefined) return findings;
  for (const tool of listing.tools) {
    const name = String(tool.name);
    if (!manifestNames.has(name)) add(tool, `tools/list ${name.slice(0, 128)}: `);
  }
  for (const [key, value] of guidanceIn(listing)) {
    const { suspicions, cut } = scan.of(value, `${key}: `);
    for (const one of suspicious(suspicions))
      findings.push(one.code === 'hidden-text' ? finding(GUIDANCE_HIDES, one.message) : one);
    if (cut) findings.push(tooLong(`${key}:`));
  }
  return findings;
}

function tooLong(place: string, tool?: string): Finding {
  const message = `${place} has text of more than ${MAX_READ} characters, or there is too much of it`;
  return finding('text-too-long', message, tool);
}

export type Scan = {
  /** Suspicions in all texts of a value, including the names of members. */
  of(value: unknown, pointer: string): { suspicions: Suspicion[]; cut: boolean };
};

/** One scan per server, because all its texts share one bound. */
export function createScan(): Scan {
  let remaining = MAX_READ_IN_ALL;
  return {
    of(value, pointer) {
      const suspicions: Suspicion[] = [];
      let cut = false;
      for (const [place, text] of textsIn(value, pointer)) {
        const max = Math.min(MAX_READ, remaining);
        remaining -= Math.min(text.length, max);
        cut ||= text.length > max;
        suspicions.push(...scanText(place, text, max));
      }
      return { suspicions, cut };
    },
  };
}

/** At most one suspicion of each kind. */
export function scanText(pointer: string, text: string, max = MAX_READ): Suspicion[] {
  const suspicions: Suspicion[] = [];
  const hiddenText = firstIn(pieces(text, PIECE * 4, 0), hiddenIn);
  if (hiddenText !== undefined) suspicions.push({ kind: 'hidden', pointer, excerpt: hiddenText });
  const order = firstIn(pieces(text.slice(0, max), PIECE, OVERLAP), orderIn);
  if (order !== undefined)
    suspicions.push({ kind: 'order', pointer, excerpt: JSON.stringify(shorten(looksLike(order), 120)) });
  return suspicions;
}

function firstIn(texts: Iterable<string>, search: (text: string) => string | undefined): string | undefined {
  for (const text of texts) {
    const match = search(text);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** Cut between words where possible, so that a joiner keeps the letter before it. */
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

function* textsIn(value: unknown, pointer: string): Generator<[pointer: string, text: string]> {
  if (typeof value === 'string') yield [pointer, value];
  else if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) yield* textsIn(one, `${pointer}/${at}`);
  } else if (isRecord(value)) {
    for (const [key, one] of Object.entries(value)) {
      const place = pointer + pointerPart(shorten(key, 60));
      // A model reads the names of arguments too.
      yield [place, key];
      yield* textsIn(one, place);
    }
  }
}

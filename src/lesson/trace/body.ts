/** A body as the trace stores it: its beginning, masked, its full size, and the parts in which it came. */
import type { Body, BodyPart } from './exchange.js';
import type { Masker } from './mask.js';

/** Bytes of a body that are read, and characters of it that are stored. */
const MAX_READ = 1024 * 1024;
export const MAX_STORED = 64 * 1024;
const MAX_PARTS = 256;

/** The beginning of a body, while it comes. */
export class Bytes {
  readonly #buffers: Buffer[] = [];
  readonly parts: BodyPart[] = [];
  #storedBytes = 0;
  bytes = 0;

  add(part: Uint8Array): void {
    this.count(part);
    const room = MAX_READ - this.#storedBytes;
    if (room <= 0) return;
    const storedPart = Buffer.from(part.subarray(0, room));
    this.#storedBytes += storedPart.length;
    this.#buffers.push(storedPart);
  }

  /** Adds to the size alone. */
  count({ length }: Uint8Array): void {
    this.bytes += length;
    if (this.parts.length < MAX_PARTS) this.parts.push({ bytes: length });
  }

  get text(): string {
    return Buffer.concat(this.#buffers).toString('utf8');
  }
}

export function bodyOf(bytes: Bytes, mask: Masker): Body {
  const text = bytes.bytes === 0 ? '' : mask.body(bytes.text);
  const isPartial = bytes.bytes > MAX_READ;
  // The unread part may be the other half of a secret, so half of what was read stays hidden too.
  const beginning = text.slice(0, isPartial ? Math.min(MAX_STORED, text.length >> 1) : MAX_STORED);
  const cut = isPartial || beginning.length < text.length;
  return { text: beginning, bytes: bytes.bytes, cut, parts: [...bytes.parts] };
}

/** An HTML page. Its forms hold secrets, and it is no part of the protocol. */
export function pageOf({ bytes, parts }: Bytes): Body {
  return { text: '', bytes, cut: bytes > 0, isPage: true, parts: [...parts] };
}

/** The body of a stream with one more event, which was masked by itself. */
export function grown({ text, bytes, cut, parts = [] }: Body, more: string, length: number): Body {
  const whole = text + more;
  return {
    text: whole.slice(0, MAX_STORED),
    bytes: bytes + length,
    cut: cut || whole.length > MAX_STORED,
    parts: parts.length < MAX_PARTS ? [...parts, { bytes: length, characters: more.length }] : parts,
  };
}

/** Masks the message of each event separately. */
export function frameText(text: string, mask: Masker): string {
  return text
    .split('\n\n')
    .map((event) => (dataOf(event).length > 1 ? joinedText(event, mask) : linesText(event, mask)))
    .join('\n\n');
}

/** The values of the data lines of an event. */
export function dataOf(event: string): string[] {
  return event
    .split(/\r\n|\n|\r/)
    .flatMap((line) => (line.startsWith('data:') ? [line.slice(line[5] === ' ' ? 6 : 5)] : []));
}

function linesText(text: string, mask: Masker): string {
  return text
    .split('\n')
    .map((line) => {
      const [field] = /^data: ?/.exec(line) ?? [];
      return field === undefined ? mask.target(line) : field + mask.body(line.slice(field.length));
    })
    .join('\n');
}

/** A message in several lines is masked as a whole, because one line of it is no JSON. */
function joinedText(text: string, mask: Masker): string {
  const lines = text.split(/\r?\n/);
  const message = dataOf(text).join('\n');
  const masked = mask.body(message);
  if (masked === message) return text;
  const others = lines.filter((line) => !line.startsWith('data:')).map((line) => mask.target(line));
  return [...others, ...masked.split('\n').map((line) => `data: ${line}`)].join('\n');
}

/**
 * `Accept`: may the answer be JSON, an event stream, or either. A missing header and any kind of wildcard are served,
 * so that plain curl works, though clients are told to name both types (2026-07-28/streamable-http/008).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */

import { Fault } from '../fault.js';

export type Accepted = { json: boolean; sse: boolean };

const BOTH: Accepted = { json: true, sse: true };

/** The few that clients send, read once each. */
const known = new Map<string, Accepted>();
const MAX_KNOWN = 100;

export function readAccept(header: string | undefined): Accepted {
  if (header === undefined) return BOTH;
  const before = known.get(header);
  if (before !== undefined) return before;
  const accepted = read(header);
  if (known.size < MAX_KNOWN && header.length < MAX_KNOWN) known.set(header, accepted);
  return accepted;
}

function read(header: string): Accepted {
  if (header.trim() === '') return BOTH;
  const ranges = header.split(',').map(readRange);
  return { json: allows(ranges, 'application', 'json'), sse: allows(ranges, 'text', 'event-stream') };
}

type Range = { type: string; subtype: string; q: number };

function readRange(text: string): Range {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const [type = '', subtype = ''] = media.split('/');
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const q = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, subtype, q: Number.isNaN(q) ? 0 : q };
}

// The most specific range that fits decides, so `*/*, text/event-stream;q=0` means JSON.
function allows(ranges: readonly Range[], type: string, subtype: string): boolean {
  const exact = ranges.find((range) => range.type === type && range.subtype === subtype);
  const family = ranges.find((range) => range.type === type && range.subtype === '*');
  const any = ranges.find((range) => range.type === '*' && range.subtype === '*');
  return ((exact ?? family ?? any)?.q ?? 0) > 0;
}

export function notAcceptable(accept: string | undefined): Fault {
  return new Fault(
    'notAcceptable',
    `Accept is ${JSON.stringify(accept ?? '')}; send "application/json, text/event-stream", or one of the two`,
  );
}

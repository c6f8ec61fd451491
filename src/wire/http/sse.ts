/**
 * Server-sent events: one message to one frame of text. Sockets, back-pressure and closing are in stream.ts.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { onOneLine } from '../jsonrpc/line.js';

/** `data` is JSON wherever it may hold a character that jsonrpc/line.ts escapes. */
export type SseEvent = { data: string; event?: string; id?: string; retry?: number };

/** A line that carries nothing and keeps proxies from closing a quiet stream (2026-07-28/streamable-http/024). */
export const KEEP_ALIVE = ': keep-alive\n\n';

export function sseFrame({ data, event, id, retry }: SseEvent): string {
  let frame = '';
  if (event !== undefined) frame += `event: ${oneLine(event)}\n`;
  if (id !== undefined) frame += `id: ${oneLine(id)}\n`;
  if (retry !== undefined) frame += `retry: ${retry}\n`;
  const text = onOneLine(data);
  // JSON.stringify never leaves a line break, so nearly every frame is one data line.
  if (!/[\r\n]/.test(text)) return `${frame}data: ${text}\n\n`;
  for (const line of text.split(/\r\n|\r|\n/)) frame += `data: ${line}\n`;
  return `${frame}\n`;
}

// A line break here would let the value write fields of its own.
function oneLine(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new RangeError('an SSE field must fit on one line');
  return value;
}

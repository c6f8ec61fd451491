/**
 * A transcript's `>` block to the bytes that are sent: what it says, plus `Host`, `Authorization` and `Content-Length`
 * unless it gives them. `{{absent}}` as a value leaves out a header that would be added.
 */
import { type Line, WireSyntaxError } from './expected.js';
import { type Captures, fill } from './fill.js';

const CRLF = Buffer.from('\r\n');

/** fill, with the line named when something is missing. */
export function fillLine({ line, text }: Line, captures: Captures, inJson: boolean): Buffer {
  try {
    return fill(text, captures, inJson);
  } catch (error) {
    throw new WireSyntaxError(line, error instanceof Error ? error.message : String(error));
  }
}

export function requestBytes(
  head: Line[],
  body: Line[] | undefined,
  host: string,
  captures: Captures,
  token?: string,
): Buffer {
  const [start, ...headers] = head;
  const has = (name: string) => headers.some(({ text }) => text.toLowerCase().startsWith(`${name}:`));
  const payload = Buffer.concat(
    (body ?? []).flatMap((line, index) => [
      Buffer.from(index > 0 ? '\n' : ''),
      fillLine(line, captures, true),
    ]),
  );
  const lines = start === undefined ? [] : [fillLine(start, captures, false)];
  if (!has('host')) lines.push(Buffer.from(`Host: ${host}`));
  if (token !== undefined && !has('authorization')) lines.push(Buffer.from(`Authorization: Bearer ${token}`));
  for (const header of headers) {
    if (!/^[^:]+: *\{\{absent\}\}$/.test(header.text)) lines.push(fillLine(header, captures, false));
  }
  const measured = has('content-length') || has('transfer-encoding');
  if (!measured && (body !== undefined || /^POST /.test(start?.text ?? ''))) {
    lines.push(Buffer.from(`Content-Length: ${payload.length}`));
  }
  return Buffer.concat([...lines.flatMap((line) => [line, CRLF]), CRLF, payload]);
}

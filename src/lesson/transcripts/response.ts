/**
 * Bytes that came from a server to an HTTP response, and an event stream to its events. It reads as far as the bytes
 * go, so that it can be asked again when more have come; waiting is in peer.ts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-message-body
 */

export type Response = {
  status: string;
  /** In the order received, names in lower case. */
  headers: [name: string, value: string][];
  body: string;
  /** True when nothing of the body is missing. */
  complete: boolean;
};
export type Frame = { event?: string; data?: string; id?: string; retry?: string; comment?: string };

/** Undefined while the head is incomplete; throws when the bytes are no HTTP. */
export function readHttp(raw: Buffer, ended: boolean, method: string): Response | undefined {
  const end = raw.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [status = '', ...lines] = raw.toString('latin1', 0, end).split('\r\n');
  if (!/^HTTP\/1\.[01] \d{3}( |$)/.test(status)) throw new Error(`not a status line: ${status}`);
  const rest = raw.subarray(end + 4);
  // 100 Continue and its kin only announce the response.
  if (/^\S+ 1/.test(status)) return readHttp(rest, ended, method);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a header line: ${line}`);
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const header = (name: string) => headers.find(([key]) => key === name)?.[1];
  const { body, complete } =
    method === 'HEAD' || /^\S+ (204|304)/.test(status)
      ? sized(rest, 0)
      : header('transfer-encoding')?.toLowerCase() === 'chunked'
        ? chunked(rest)
        : header('content-length') === undefined
          ? { body: rest, complete: ended }
          : sized(rest, Number(header('content-length')));
  return { status, headers, body: body.toString('utf8'), complete };
}

function sized(rest: Buffer, length: number): { body: Buffer; complete: boolean } {
  if (rest.length > length) throw new Error(`${rest.length - length} bytes follow the end of the response`);
  return { body: rest, complete: rest.length === length };
}

function chunked(rest: Buffer): { body: Buffer; complete: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return { body: Buffer.concat(parts), complete: false };
    const size = rest.toString('latin1', at, lineEnd);
    if (!/^[\da-f]+(;|$)/i.test(size)) throw new Error(`not a chunk size: ${size}`);
    const length = Number.parseInt(size, 16);
    if (length === 0) return { body: Buffer.concat(parts), complete: rest.indexOf('\r\n\r\n', lineEnd) >= 0 };
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

/** The events of a stream so far; one that no empty line has ended yet is left out, as a browser leaves it out. */
export function readFrames(text: string): Frame[] {
  const lines = text.split(/\r\n|\r|\n/);
  const frames: Frame[] = [];
  let open: string[] = [];
  for (const line of lines.slice(0, -1)) {
    if (line !== '') open.push(line);
    else if (open.length > 0) {
      frames.push(frameOf(open));
      open = [];
    }
  }
  return frames;
}

export function frameOf(lines: string[]): Frame {
  const frame: Frame = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]*):? ?([\s\S]*)$/.exec(line) ?? [];
    const field = name === '' ? 'comment' : name;
    if (field === 'data' || field === 'comment') {
      const before = frame[field];
      frame[field] = before === undefined ? value : `${before}\n${value}`;
    } else if (field === 'event' || field === 'id' || field === 'retry') frame[field] = value;
  }
  return frame;
}

/**
 * The heads that pass through the tap: in the same order and spelling, without what belongs to one connection (RFC 9110,
 * section 7.6.1). Node frames the bodies and keeps the connections, on either side by itself.
 */

/** Names and values in turns, as node:http has them. */
export type RawHeaders = readonly string[];

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function headerIn(headers: RawHeaders, headerName: string): string | undefined {
  const values = pairs(headers).flatMap(([name, value]) =>
    name.toLowerCase() === headerName ? [value] : [],
  );
  return values.length === 0 ? undefined : values.join(', ');
}

/** The request as the server gets it. `extraHeaders` replace the client's headers of the same names. */
export function requestHeaders(
  received: RawHeaders,
  host: string,
  extraHeaders: readonly (readonly [name: string, value: string])[],
): string[] {
  const hopByHopNames = hopByHop(received);
  const replacedNames = new Set(extraHeaders.map(([name]) => name.toLowerCase()));
  const headers = pairs(received).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'host') return [name, host];
    return hopByHopNames.has(lower) || replacedNames.has(lower) ? [] : [name, value];
  });
  // Node frames the body itself where it sees no length, but only if the head says so.
  const framing =
    hopByHopNames.has('transfer-encoding') && headerIn(received, 'transfer-encoding') !== undefined;
  return [...headers, ...extraHeaders.flat(), ...(framing ? ['Transfer-Encoding', 'chunked'] : [])];
}

/** The head of an answer as the client gets it. */
export function responseHeaders(received: RawHeaders): string[] {
  const hopByHopNames = hopByHop(received);
  return pairs(received).flatMap(([name, value]) =>
    hopByHopNames.has(name.toLowerCase()) ? [] : [name, value],
  );
}

export function mapHeader(headers: RawHeaders, pattern: RegExp, change: (value: string) => string): string[] {
  return pairs(headers).flatMap(([name, value]) => [name, pattern.test(name) ? change(value) : value]);
}

export function without(headers: RawHeaders, name: RegExp): string[] {
  return headers.filter((_, at) => !name.test(headers[at - (at % 2)] ?? ''));
}

function hopByHop(headers: RawHeaders): ReadonlySet<string> {
  const connectionNames = (headerIn(headers, 'connection') ?? '').toLowerCase().split(/[ ,]+/);
  return new Set([...HOP_BY_HOP, ...connectionNames]);
}

function pairs(headers: RawHeaders): [name: string, value: string][] {
  const all: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) all.push([headers[at] ?? '', headers[at + 1] ?? '']);
  return all;
}

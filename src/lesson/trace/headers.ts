/** Headers as they stand in a head, and as node:http has them. */
export type Header = { name: string; value: string };

/** A line of a head. Without a colon it has a name alone. */
export function readHeader(line: string): Header {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
}

/** From names and values in turns, as in `rawHeaders`. */
export function headersOf(raw: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let at = 0; at < raw.length; at += 2) headers.push({ name: raw[at] ?? '', value: raw[at + 1] ?? '' });
  return headers;
}

export function headerOf(headers: readonly Header[], lowerName: string): string | undefined {
  return headers.find(({ name }) => name.toLowerCase() === lowerName)?.value;
}

/** Tells for each line of a transcript which exchange, block and part it belongs to, even if the transcript cannot be read. */

/** The lines at which these begin. */
export type Place = {
  /** Requests, and everything that comes back before the next request. */
  exchange: number;
  block: number;
  /** A line of a head; a body, an event or a record as a whole. A difference names the line at which its part begins. */
  part: number;
  mark: string;
  inBody: boolean;
};

export function placesIn(text: string): Place[] {
  const byLine = /^# *transport: *stdio/m.test(text);
  const places: Place[] = [];
  let [before, exchange, block, part] = ['', 1, 1, 1];
  let [inBody, partBegins, lastMark] = [false, true, '<'];
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = at + 1;
    const [mark, content] = [raw[0] ?? '', raw.slice(2).trim()];
    if (/^[<>=]/.test(raw)) {
      if (mark !== before || content.startsWith('@') || byLine) {
        block = line;
        inBody = mark === '=' || byLine;
        partBegins = true;
        if (mark === '>' && lastMark !== '>') exchange = line;
      }
      if (partBegins || !inBody) part = line;
      partBegins = content === '' || content.startsWith('@');
      // The events of a stream that goes on have no head.
      if (content === '' || /^(event|data|id|retry)?:/.test(content)) inBody = true;
      lastMark = mark;
    }
    if (mark !== '*') before = mark;
    places.push({ exchange, block, part, mark, inBody });
  }
  return places;
}

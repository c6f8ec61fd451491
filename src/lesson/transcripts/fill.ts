/**
 * The insertions in what is sent: `{{name}}` (captured before, or `host`), `{{repeat TEXT N}}`, `{{hex c3 28}}`.
 * Wildcards in what must come back are in match.ts.
 */

/** What earlier responses gave a name to. A string is inserted as it is, anything else as JSON. */
export type Captures = Map<string, unknown>;

/** Throws an Error that says which insertion it cannot make. `inJson` is for text that lands inside JSON. */
export function fill(text: string, captures: Captures, inJson: boolean): Buffer {
  const parts = text.split(/\{\{(.+?)\}\}/);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : insertion(part, captures, inJson))),
  );
}

function insertion(inner: string, captures: Captures, inJson: boolean): Buffer {
  const [, repeated, times] = /^repeat ([\s\S]+) (\d+)$/.exec(inner) ?? [];
  if (repeated !== undefined) return Buffer.from(repeated.repeat(Number(times)));
  const [, bytes] = /^hex ((?:[\da-f]{2} ?)+)$/i.exec(inner) ?? [];
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll(' ', ''), 'hex');
  if (!captures.has(inner)) throw new Error(`nothing was captured as {{${inner}}}`);
  const value = captures.get(inner);
  const text = textOf(value);
  return Buffer.from(inJson && typeof value === 'string' ? JSON.stringify(text).slice(1, -1) : text);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

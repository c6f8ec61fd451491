/**
 * JSON text that is one line for every reader. JSON lets U+0085, U+2028 and U+2029 stand as they are inside a string, and
 * many a client takes them for the end of a line: Python's `splitlines`, and `readline` of Node. Their escapes mean the same.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-7
 */

const LINE_BREAK = /[\u0085\u2028\u2029]/;
const ESCAPES: { [character: string]: string } = {
  '\u0085': '\\u0085',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Outside a string, JSON has none of the three. */
export function onOneLine(json: string): string {
  // Nearly every text has none: it is looked at once, and not copied.
  if (!LINE_BREAK.test(json)) return json;
  return json.replace(/[\u0085\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}

/**
 * Text as the detectors read it: full-width forms and the digits of other scripts become ASCII. Each character becomes one
 * of the same length, so that a place in one text is the same place in the other.
 */

/** The zero of each script whose digits are one UTF-16 unit long; nine more follow it. */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
  0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
  0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
];
const FULL_WIDTH = { from: 0xff01, to: 0xff5e, ascii: 0x21 };
/** No such character stands before this one. */
const FOREIGN = /[\u0660-\uffff]/;
const CHARACTER = /[\uff01-\uff5e\u2212]|(?!\d)\p{Nd}/gu;

/** The text itself where it has none of these. */
export function readable(text: string): string {
  if (!FOREIGN.test(text)) return text;
  return text.replace(CHARACTER, ascii);
}

function ascii(character: string): string {
  if (character.length > 1) return character;
  const code = character.charCodeAt(0);
  if (code === 0x2212) return '-';
  if (code >= FULL_WIDTH.from && code <= FULL_WIDTH.to)
    return String.fromCharCode(code - FULL_WIDTH.from + FULL_WIDTH.ascii);
  const zero = ZEROS.find((one) => code >= one && code <= one + 9);
  return zero === undefined ? character : String(code - zero);
}

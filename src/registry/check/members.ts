/**
 * How many values a JSON text has, counted in its bytes before anything is made of them: a megabyte holds half a million
 * members, and each costs more to parse, hash, index and show than its byte to receive.
 */

/** A thousand tools with twenty members each, or some hundred with large schemas. */
export const MAX_VALUES = 20_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/**
 * Counts commas, of which there is one for each further member: nesting without any is bounded by depth. Stops where the
 * bound is passed; text that is no JSON is counted as well as it goes.
 */
export function tooManyValues(bytes: Uint8Array, most = MAX_VALUES): boolean {
  let count = 1;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COMMA) {
      count += 1;
      if (count > most) return true;
    }
  }
  return false;
}

/**
 * The size of a JSON value: the characters of the text that Python's `json.dumps` writes by default, counted without
 * writing it. `, ` and `: ` part things, and whatever lies outside printable ASCII takes the six of `\uXXXX`.
 *
 * Numbers come from JSON.parse, which does not tell `1.0` from `1`: a whole number counts as an integer.
 *
 * @see https://docs.python.org/3/library/json.html#json.dumps
 */

/** A container on the way down, and how many of its children are counted. */
type Frame = { values: readonly unknown[]; at: number };

const SEPARATOR = ', '.length;
const COLON = ': '.length;
const BRACKETS = 2;
const QUOTES = 2;
const ESCAPED = '\\uXXXX'.length;
/** The least that one more member or item takes: a number of one digit, behind a name without characters. */
const LEAST_MEMBER = QUOTES + COLON + 1 + SEPARATOR;
const LEAST_ITEM = 1 + SEPARATOR;

/** The count where it is at most `limit`; some number above `limit` otherwise, found without reading on. */
export function payloadChars(value: unknown, limit: number): number {
  // Its own stack: a call stack would end on deep nesting. Each level costs two characters, so `limit` bounds it.
  const stack: Frame[] = [{ values: [value], at: 0 }];
  let chars = 0;
  for (let frame = stack.at(-1); frame !== undefined && chars <= limit; frame = stack.at(-1)) {
    if (frame.at === frame.values.length) {
      stack.pop();
      continue;
    }
    const child = frame.values[frame.at];
    frame.at += 1;
    if (typeof child === 'string') chars += textChars(child, limit - chars);
    else if (typeof child === 'number') chars += numberText(child).length;
    else if (Array.isArray(child)) {
      chars += BRACKETS + between(child.length);
      if (child.length * LEAST_ITEM - SEPARATOR > limit) return limit + 1;
      stack.push({ values: child, at: 0 });
    } else if (typeof child === 'object' && child !== null) {
      const names = Object.keys(child);
      if (names.length * LEAST_MEMBER - SEPARATOR > limit) return limit + 1;
      chars += BRACKETS + between(names.length) + names.length * COLON;
      for (const name of names) {
        if (chars > limit) return chars;
        chars += textChars(name, limit - chars);
      }
      stack.push({ values: Object.values(child), at: 0 });
    } else chars += child === false ? 'false'.length : 'null'.length; // `true` is as long as `null`
  }
  return chars;
}

const between = (count: number): number => Math.max(0, count - 1) * SEPARATOR;

function textChars(text: string, left: number): number {
  let chars = QUOTES;
  // Every code unit takes one at least; a pair of them takes two escapes, as it does in Python.
  if (text.length > left) return text.length + chars;
  for (let at = 0; at < text.length && chars <= left; at += 1) chars += unitChars(text.charCodeAt(at));
  return chars;
}

function unitChars(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2; // " and \
  if (unit >= 0x20 && unit <= 0x7e) return 1;
  // \b \t \n, \f \r
  return (unit >= 0x08 && unit <= 0x0a) || unit === 0x0c || unit === 0x0d ? 2 : ESCAPED;
}

/** Python goes over to an exponent below 1e-4, JavaScript below 1e-6, and Python writes two digits of it at least. */
export function numberText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return `${value}`;
  if (Math.abs(value) >= 1e-4) return `${value}`;
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

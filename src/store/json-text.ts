/**
 * The text that PostgreSQL prints of a json or jsonb value, as a JSON value without lost digits. A number that a double
 * cannot hold becomes its own text, as bigint and numeric columns do: 9007199254740993 is "9007199254740993". One that
 * only looks different stays a number: 1.0 is 1.
 */

/** Deeper values stay text: JSON.stringify recurses, and PostgreSQL takes thousands of levels. */
const MAX_DEPTH = 64;
/** Every decimal of up to 15 digits finds its way through a double and back. */
const SAFE_DIGITS = 15;

export function readJson(text: string): unknown {
  let depth = 0;
  let exact = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === ']' || character === '}') depth--;
    else if (character === '[' || character === '{') {
      depth++;
      if (depth > MAX_DEPTH) return text;
    } else if (startsNumber(character)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (!survives(number)) {
        exact += `${text.slice(copied, at)}"${number}"`;
        copied = end;
      }
      at = end - 1;
    }
  }
  return JSON.parse(copied === 0 ? text : exact + text.slice(copied));
}

const startsNumber = (character = '') => character === '-' || (character >= '0' && character <= '9');

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && '0123456789.eE+-'.includes(text[end] ?? '')) end++;
  return end;
}

/** Of the quote that closes the string, which PostgreSQL has checked is there. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Whether the decimal number comes back from a double with the same value. */
function survives(decimal: string): boolean {
  // Leading zeros and the point only make this too careful.
  if (decimal.length <= SAFE_DIGITS && !/e/i.test(decimal)) return true;
  const number = Number(decimal);
  return Number.isFinite(number) && normal(decimal) === normal(String(number));
}

/** One spelling for one value: its digits without zeros at either end, and the power of ten of the last one. */
function normal(decimal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(decimal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = withoutTrailingZeros(digits);
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** A loop: /0+$/ would look at each run of zeros again and again. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

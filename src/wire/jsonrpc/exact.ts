/**
 * Finds what is lost when JSON is parsed: a number that a double cannot hold, half a surrogate pair, a name that an object has
 * twice. JSON.parse accepts all three, but the result is not the value that was sent. The text must already be valid JSON.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7493#section-2
 * @see https://www.rfc-editor.org/rfc/rfc8785#section-3.1
 */
import { pointerPart, shorten } from '../value.js';
import { endOfString } from './json-text.js';

/** `pointer` is the JSON pointer of the member or item; `problem` says what is wrong with it and what to send instead. */
type Inexact = { pointer: string; problem: string };

const HALF_A_PAIR = /\p{Surrogate}/u;

/**
 * The rule for numbers: a number survives if JavaScript writes the parsed double with the same decimal value.
 * So 0.1, 1.0, 1e2, 0.1000 and 1e23 survive. 9007199254740993 (becomes …992), 1e400 (Infinity), 1e-400 (0) and
 * 0.10000000000000001 (0.1) do not; nor does 18446744073709551616, which a double holds but JavaScript writes as …552000.
 */
export function survives(token: string): boolean {
  return decimal(token) === decimal(String(Number(token)));
}

/** The same text for the same decimal value: sign, digits from the first to the last that is not 0, power of ten of the last. */
function decimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  // Infinity, which is the value of no token.
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  let first = 0;
  while (digits[first] === '0') first += 1;
  let last = digits.length;
  while (last > first && digits[last - 1] === '0') last -= 1;
  if (first === last) return '0';
  return `${sign}${digits.slice(first, last)}e${Number(exponent) - fraction.length + digits.length - last}`;
}

/** An object or an array: the names so far, and the name or index of the part that is being read. No step: a name comes next. */
type Frame = { names: Set<string>; step: string | number | undefined };

/** The first thing in the text that parsing would lose. */
export function findInexact(text: string): Inexact | undefined {
  // The outermost frame stands for the text, as if it were an array around the value.
  const outer: Frame[] = [];
  let frame: Frame = { names: new Set(), step: 0 };
  const problemAt = (problem: string): Inexact => ({
    pointer: pointerOf([...outer, frame].slice(1)),
    problem,
  });
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '{' || character === '[') {
      outer.push(frame);
      frame = { names: new Set(), step: character === '{' ? undefined : 0 };
    } else if (character === '}' || character === ']') {
      frame = outer.pop() ?? frame;
    } else if (character === ',') {
      frame.step = typeof frame.step === 'number' ? frame.step + 1 : undefined;
    } else if (character === '"') {
      const end = endOfString(text, at);
      const value = String(JSON.parse(text.slice(at, end + 1)));
      if (frame.step === undefined) {
        frame.step = value;
        if (frame.names.has(value)) return problemAt('the name stands twice in one object; send it once');
        frame.names.add(value);
      }
      if (HALF_A_PAIR.test(value)) return problemAt('half of a surrogate pair is not a character');
      at = end;
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      const token = numberAt(text, at);
      if (!survives(token)) return problemAt(explainChange(token));
      at += token.length - 1;
    }
  }
  return undefined;
}

export function numberAt(text: string, start: number): string {
  let end = start;
  while ('+-.0123456789eE'.includes(text[end] ?? ' ')) end += 1;
  return text.slice(start, end);
}

function explainChange(token: string): string {
  const double = Number(token);
  const becomes = Number.isFinite(double) ? `it would become ${double}` : 'it is too large for a double';
  return `the number ${shorten(token, 60)} cannot be kept: ${becomes}; send it as a string`;
}

function pointerOf(frames: readonly Frame[]): string {
  return shorten(frames.map(({ step }) => pointerPart(shorten(String(step), 60))).join(''), 300);
}

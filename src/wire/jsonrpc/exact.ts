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
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  let first = 0;
  while (digits[first] === '0') first += 1;
  let last = digits.length;
  while (last > first && digits[last - 1] === '0') last -= 1;
  if (first === last) return digits === '' ? text : '0';
  return `${sign}${digits.slice(first, last)}e${Number(exponent) - fraction.length + digits.length - last}`;
}

type Frame = { names: Set<string> | undefined; step: string | number };

/** The first thing in the text that parsing would lose. */
export function findInexact(text: string): Inexact | undefined {
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  /** Whether the next string is the name of a member. */
  let naming = false;
  const problemAt = (problem: string): Inexact => ({ pointer: pointerOf(frames), problem });
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '{' || character === '[') {
      naming = character === '{';
      frame = naming ? { names: new Set(), step: '' } : { names: undefined, step: 0 };
      frames.push(frame);
    } else if (character === '}' || character === ']') {
      frames.pop();
      frame = frames.at(-1);
      naming = false;
    } else if (character === ',') {
      naming = frame?.names !== undefined;
      if (typeof frame?.step === 'number') frame.step += 1;
    } else if (character === '"') {
      const end = endOfString(text, at);
      const value = unquote(text.slice(at, end + 1));
      if (naming && frame !== undefined) {
        frame.step = value;
        if (frame.names?.has(value)) return problemAt('the name stands twice in one object; send it once');
        frame.names?.add(value);
        naming = false;
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

function unquote(text: string): string {
  return text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1);
}

export function numberAt(text: string, start: number): string {
  let end = start;
  while (end < text.length && '+-.0123456789eE'.includes(text[end] ?? ' ')) end += 1;
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

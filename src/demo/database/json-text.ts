/**
 * The text that PostgreSQL prints of a json or jsonb value, as a JSON value without lost digits. A number that a double
 * cannot hold becomes its own text, as bigint and numeric columns do: 9007199254740993 is "9007199254740993". One that
 * only looks different stays a number: 1.0 is 1.
 */
import { endOfString, mayBeInexact, numberAt, survives } from '../../wire/jsonrpc/exact.js';

/** Deeper values stay text: JSON.stringify recurses, and PostgreSQL takes thousands of levels. */
const MAX_DEPTH = 64;

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
      const number = numberAt(text, at);
      if (mayBeInexact(number) && !survives(number)) {
        exact += `${text.slice(copied, at)}"${number}"`;
        copied = at + number.length;
      }
      at += number.length - 1;
    }
  }
  return JSON.parse(copied === 0 ? text : exact + text.slice(copied));
}

const startsNumber = (character = '') => character === '-' || (character >= '0' && character <= '9');

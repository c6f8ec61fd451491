/**
 * JQL text to tokens. It never fails: what it cannot read becomes one `bad` token, which the parser reports when
 * it gets there, so that the first mistake in the text is the one that is named.
 */
import { numberOf, replaceUnseen } from '../../../pages/unseen.js';

export type Token = {
  kind: 'word' | 'quoted' | 'symbol' | 'bad' | 'end';
  /** The word or symbol as written, the quoted text without its quotes, or what is wrong. */
  text: string;
  /** 1-based, counted in characters rather than UTF-16 units. */
  position: number;
};

const NEXT =
  /(?<space>\s+)|(?<word>[\p{L}\p{N}_.@-]+)|(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<symbol>&&|\|\||!=|!~|<=|>=|[=~<>(),!])/suy;

export function tokenize(jql: string): Token[] {
  const tokens: Token[] = [];
  let position = 1;
  let offset = 0;
  while (offset < jql.length) {
    NEXT.lastIndex = offset;
    const match = NEXT.exec(jql);
    if (match === null) {
      tokens.push({ kind: 'bad', text: unreadable(jql, offset), position });
      return tokens;
    }
    const { word, quoted, symbol } = match.groups ?? {};
    if (word !== undefined) tokens.push({ kind: 'word', text: word, position });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, position });
    else if (quoted !== undefined) tokens.push({ ...unquote(quoted), position });
    offset += match[0].length;
    position += [...match[0]].length;
  }
  tokens.push({ kind: 'end', text: '', position });
  return tokens;
}

function unquote(quoted: string): { kind: 'quoted' | 'bad'; text: string } {
  const inner = quoted.slice(1, -1);
  const wrong = /\\([^\\"'])/su.exec(inner.replaceAll('\\\\', ''));
  if (wrong)
    return { kind: 'bad', text: `\\${wrong[1]} is not an escape in quoted text; write \\\\, \\" or \\'` };
  // PostgreSQL text cannot hold NUL, and no issue holds the other control characters.
  const control = /[^\P{Cc}\t\r\n]/u.exec(inner);
  if (control)
    return { kind: 'bad', text: `quoted text cannot hold the control character ${numberOf(control[0])}` };
  return { kind: 'quoted', text: inner.replace(/\\(.)/gsu, '$1') };
}

function unreadable(jql: string, offset: number): string {
  const character = String.fromCodePoint(jql.codePointAt(offset) ?? 0);
  if (character === '"' || character === "'") return `the text that starts with ${character} is not closed`;
  const shown = replaceUnseen(character, numberOf);
  return `unexpected ${shown}; text with characters other than letters, digits and _ . @ - goes in quotes`;
}

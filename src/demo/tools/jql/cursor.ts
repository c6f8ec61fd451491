/**
 * A place in a list of JQL tokens: what is here, stepping over it, and leaving at the first mistake. What may
 * stand where is the grammar's to say, in parser.ts.
 */
import { type Token, tokenize } from './lexer.js';

/** Ends the recursion of the parser, which turns it into its answer; nobody else sees it. */
export class Misread extends Error {
  constructor(
    readonly position: number,
    message: string,
  ) {
    super(message);
  }
}

const KEYWORDS = ['AND', 'OR', 'NOT', 'IN', 'IS', 'ORDER', 'BY', 'EMPTY', 'NULL'];
const SPELLINGS: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR', '!': 'NOT' };
const END: Token = { kind: 'end', text: '', position: 1 };

export class Cursor {
  #at = 0;
  readonly #tokens: readonly Token[];

  constructor(jql: string) {
    this.#tokens = tokenize(jql);
  }

  get token(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  /** Keywords may be written in any case, and `&&`, `||` and `!` stand for AND, OR and NOT. */
  is(wanted: string): boolean {
    const { kind, text } = this.token;
    if (kind === 'word') return text.toUpperCase() === wanted;
    return kind === 'symbol' && (SPELLINGS[text] ?? text) === wanted;
  }

  take(wanted: string): boolean {
    const found = this.is(wanted);
    if (found) this.#at += 1;
    return found;
  }

  /** Steps over a word that is no keyword, or a quoted text, and returns it. */
  takeText(expected: string): Token {
    const { token } = this;
    const keyword = token.kind === 'word' && KEYWORDS.includes(token.text.toUpperCase());
    if (keyword || (token.kind !== 'word' && token.kind !== 'quoted')) this.expected(expected);
    this.#at += 1;
    return token;
  }

  step(): void {
    this.#at += 1;
  }

  expected(expected: string): never {
    const { kind, text } = this.token;
    if (kind === 'bad') this.refuse(text);
    return this.refuse(`expected ${expected}, got ${kind === 'end' ? 'the end' : `"${text}"`}`);
  }

  refuse(message: string, { position } = this.token): never {
    throw new Misread(position, message);
  }
}

/**
 * A subset of JQL, the Jira Query Language: one recursive descent reads the text and writes SQL on the way. The SQL
 * consists of the constants in this file; what the caller wrote travels as parameters only.
 *
 * As in Jira, a comparison with an empty field matches neither way: `assignee != ana@example.com` leaves out the
 * issues that nobody has. SQL's null does just that, so empty labels and descriptions count as null.
 *
 * Over 200 lines because a grammar is read in one piece.
 *
 * @see https://support.atlassian.com/jira-software-cloud/docs/use-advanced-search-with-jira-query-language-jql/
 */
import { numberOf, replaceUnseen } from '../../pages/unseen.js';
import { ToolError } from '../../wire/mcp/definitions.js';
import {
  FIELD_NAMES,
  FIELDS,
  type Field,
  SORTABLE_FIELD_NAMES,
  WHOLE_TEXT,
  WHOLE_TEXT_JOIN,
} from './jql-fields.js';

export const MAX_LENGTH = 4000;
/** PostgreSQL and this reader recurse into parentheses and NOT. */
export const MAX_DEPTH = 20;
/** Values and words to look for. */
export const MAX_PARAMS = 200;

/** A project or a person that a query names; only the database knows whether there is one. */
export type NamedValue = { kind: 'project' | 'person'; text: string; position: number };

/** `where` and the rest go into a statement over the issues `i` with ISSUE_JOINS (jira-search.ts). */
export type CompiledJql = {
  joins: string;
  where: string;
  orderBy: string;
  params: string[];
  names: NamedValue[];
};

/**
 * `now` is what relative dates such as -7d count from.
 *
 * @throws ToolError that names the position, counted in characters, with what was expected and received
 */
export function compileJql(jql: string, now: Date): CompiledJql {
  if (jql.length > MAX_LENGTH)
    throw new ToolError(`JQL: a query has at most ${MAX_LENGTH} characters, this one has ${jql.length}`);
  return new Compiler(jql, now).compile();
}

type Token = { kind: 'word' | 'quoted' | 'symbol' | 'end'; text: string; offset: number; end: number };

const TOKEN =
  /(?<word>[\p{L}\p{N}_.@-]+)|(?<quoted>"(?:[^"\\\0]|\\[\\"'])*"|'(?:[^'\\\0]|\\[\\"'])*')|(?<symbol>[!<>]=|!~|[=~<>(),])/uy;
const SYMBOL_OPERATORS = ['=', '!=', '~', '!~', '<', '<=', '>', '>='];
const KEYWORDS = ['AND', 'OR', 'NOT', 'IN', 'IS', 'ORDER', 'BY', 'EMPTY', 'NULL'];

class Compiler {
  readonly #params: string[] = [];
  readonly #names: NamedValue[] = [];
  #token: Token;

  constructor(
    readonly jql: string,
    readonly now: Date,
  ) {
    this.#token = this.#scan(0);
  }

  compile(): CompiledJql {
    const where = this.#is('ORDER') || this.#token.kind === 'end' ? 'true' : this.#or(0);
    const hasOrder = this.#take('ORDER');
    const order = hasOrder ? this.#orderBy() : ['i.created_at desc'];
    if (this.#token.kind !== 'end')
      this.#expected(hasOrder ? '"," or the end' : 'AND, OR, ORDER BY or the end');
    return {
      joins: where.includes(WHOLE_TEXT) ? WHOLE_TEXT_JOIN : '',
      where,
      // Two issues never tie, so that pages neither repeat nor skip one.
      orderBy: [...order, 'i.project_key collate "C"', 'i.number'].join(', '),
      params: this.#params,
      names: this.#names,
    };
  }

  #or(depth: number): string {
    return this.#terms('or', () => this.#terms('and', () => this.#not(depth)));
  }

  #terms(operator: 'and' | 'or', readTerm: () => string): string {
    const terms = [readTerm()];
    while (this.#take(operator.toUpperCase())) terms.push(readTerm());
    return group(terms, operator);
  }

  #not(depth: number): string {
    if (depth > MAX_DEPTH) this.#fail(`parentheses and NOT are nested at most ${MAX_DEPTH} deep`);
    if (this.#take('NOT')) return `not ${this.#not(depth + 1)}`;
    if (!this.#take('(')) return this.#condition();
    const group = this.#or(depth + 1);
    this.#need(')', 'AND, OR or ")"');
    return group;
  }

  #condition(): string {
    const [name, field] = this.#field('a field, NOT or "("');
    const operator = this.#operator(name, field);
    if (operator === 'IS EMPTY') return `(${field.column} is null)`;
    if (operator === 'IS NOT EMPTY') return `(${field.column} is not null)`;
    if (operator !== 'IN' && operator !== 'NOT IN') {
      const match = this.#match(name, field, operator);
      return operator.startsWith('!') ? `(not ${match})` : match;
    }
    this.#need('(', '"(" and a list of values');
    const matches = [this.#match(name, field, operator)];
    while (this.#take(',')) matches.push(this.#match(name, field, operator));
    this.#need(')', '"," or ")"');
    return `(${operator === 'IN' ? '' : 'not '}(${matches.join(' or ')}))`;
  }

  #field(expected: string): [name: string, field: Field] {
    const { text, offset } = this.#takeText(expected);
    const name = text.toLowerCase().replace(/^issue(?=key$|type$)/, '');
    const field = FIELDS.get(name);
    if (field !== undefined) return [name, field];
    return this.#fail(`"${text}" is not a field this server knows; use one of ${FIELD_NAMES}`, offset);
  }

  #operator(name: string, { operators }: Field): string {
    const { kind, text, offset } = this.#token;
    let operator = text;
    if (this.#take('IS')) {
      operator = this.#take('NOT') ? 'IS NOT EMPTY' : 'IS EMPTY';
      if (!this.#take('NULL')) this.#need('EMPTY', 'EMPTY');
    } else if (this.#take('NOT')) {
      operator = 'NOT IN';
      this.#need('IN', 'IN');
    } else if (this.#take('IN')) operator = 'IN';
    else if (kind === 'word' || (kind === 'symbol' && SYMBOL_OPERATORS.includes(text))) this.#step();
    else this.#expected(`an operator for ${name}, one of ${operators.join(', ')}`);
    if (operators.includes(operator)) return operator;
    return this.#fail(
      `${operator} is not an operator for ${name}; use one of ${operators.join(', ')}`,
      offset,
    );
  }

  /** Reads one value and compares the field with it. */
  #match(name: string, field: Field, operator: string): string {
    if (this.#is('EMPTY') || this.#is('NULL'))
      this.#fail(`${this.#token.text.toUpperCase()} goes with IS and IS NOT only`);
    const { kind, text, offset } = this.#takeText(`a value for ${name}`);
    if (kind === 'word' && this.#is('('))
      this.#fail(`function ${text}() is not supported; write the value itself`, offset);
    const params = field.read(text, this.now);
    if (params === undefined) return this.#fail(`expected ${field.expected}, received "${text}"`, offset);
    if (field.names) this.#names.push({ kind: field.names, text, position: this.#positionOf(offset) });
    const matches = params.map((param) => field.match(this.#bind(param, offset), operator));
    return group(matches, 'and');
  }

  #bind(param: string, offset: number): string {
    if (this.#params.length === MAX_PARAMS) this.#fail(`a query has at most ${MAX_PARAMS} values`, offset);
    return `$${this.#params.push(param)}::text`;
  }

  #orderBy(): string[] {
    this.#need('BY', 'BY');
    const terms: string[] = [];
    do {
      const { offset } = this.#token;
      const [name, { order }] = this.#field('a field to order by');
      if (order === undefined)
        return this.#fail(`results cannot be ordered by ${name}; use one of ${SORTABLE_FIELD_NAMES}`, offset);
      const direction = this.#take('DESC') ? 'desc' : 'asc';
      if (direction === 'asc') this.#take('ASC');
      for (const term of order) terms.push(`${term} ${direction} nulls last`);
    } while (this.#take(','));
    return terms;
  }

  /** Keywords may be written in any case. */
  #is(tokenText: string): boolean {
    const { kind, text } = this.#token;
    return kind === 'word' ? text.toUpperCase() === tokenText : kind === 'symbol' && text === tokenText;
  }

  #take(tokenText: string): boolean {
    const isWanted = this.#is(tokenText);
    if (isWanted) this.#step();
    return isWanted;
  }

  #need(tokenText: string, expected: string): void {
    if (!this.#take(tokenText)) this.#expected(expected);
  }

  /** Steps over quoted text, or a word that is not a keyword. */
  #takeText(expected: string): Token {
    const { kind, text } = this.#token;
    if (kind !== 'quoted' && (kind !== 'word' || KEYWORDS.includes(text.toUpperCase())))
      this.#expected(expected);
    return this.#step();
  }

  #step(): Token {
    const token = this.#token;
    this.#token = this.#scan(token.end);
    return token;
  }

  #scan(from: number): Token {
    const { jql } = this;
    const offset = jql.length - jql.slice(from).trimStart().length;
    if (offset === jql.length) return { kind: 'end', text: '', offset, end: offset };
    TOKEN.lastIndex = offset;
    const { word, symbol, quoted } = TOKEN.exec(jql)?.groups ?? {};
    const end = TOKEN.lastIndex;
    if (word !== undefined) return { kind: 'word', text: word, offset, end };
    if (symbol !== undefined) return { kind: 'symbol', text: symbol, offset, end };
    if (quoted !== undefined)
      return { kind: 'quoted', text: quoted.slice(1, -1).replace(/\\(.)/gu, '$1'), offset, end };
    const character = String.fromCodePoint(jql.codePointAt(offset) ?? 0);
    if (character === '"' || character === "'")
      return this.#fail(
        `expected a closing ${character}, and before it no NUL and no escapes but \\\\, \\" and \\'`,
        offset,
      );
    return this.#fail(
      `unexpected ${replaceUnseen(character, numberOf)}; text with characters other than letters, digits and _ . @ - goes in quotes`,
      offset,
    );
  }

  /** 1-based, counted in characters rather than UTF-16 units. */
  #positionOf(offset: number): number {
    return [...this.jql.slice(0, offset)].length + 1;
  }

  #expected(expected: string): never {
    const { kind, text } = this.#token;
    return this.#fail(`expected ${expected}, received ${kind === 'end' ? 'the end' : `"${text}"`}`);
  }

  #fail(message: string, offset = this.#token.offset): never {
    throw new ToolError(`JQL, character ${this.#positionOf(offset)}: ${message}`);
  }
}

function group(terms: readonly string[], operator: 'and' | 'or'): string {
  return terms.length === 1 ? terms.join() : `(${terms.join(` ${operator} `)})`;
}

/**
 * JQL text to a query, or to the first thing in it that is not understood: where it is, what came and what was
 * expected. Pure, and it answers any text: it never throws.
 *
 * @see https://support.atlassian.com/jira-software-cloud/docs/use-advanced-search-with-jira-query-language-jql/
 */
import { Cursor, Misread } from './cursor.js';
import {
  FIELDS,
  type Field,
  type FieldName,
  fieldNames,
  findField,
  type Node,
  type Operator,
  type Query,
  type Sort,
  type Value,
} from './fields.js';
import { readValue } from './values.js';

export const MAX_LENGTH = 4000;
export const MAX_DEPTH = 20;
export const MAX_CONDITIONS = 50;
export const MAX_LIST = 50;
export const MAX_SORTS = 5;

export type ParsedJql =
  | { kind: 'query'; query: Query }
  | { kind: 'refused'; position: number; message: string };

/** `now` is what relative dates such as -7d count from. */
export function parseJql(jql: string, now: Date): ParsedJql {
  if (jql.length > MAX_LENGTH) {
    const message = `JQL: a query has at most ${MAX_LENGTH} characters, this one has ${jql.length}`;
    return { kind: 'refused', position: MAX_LENGTH + 1, message };
  }
  try {
    return { kind: 'query', query: new Parser(new Cursor(jql), now).query() };
  } catch (error) {
    if (!(error instanceof Misread)) throw error;
    const message = `JQL, character ${error.position}: ${error.message}`;
    return { kind: 'refused', position: error.position, message };
  }
}

const SYMBOLS = ['=', '!=', '~', '!~', '<', '<=', '>', '>='];

class Parser {
  #conditions = 0;

  constructor(
    readonly cursor: Cursor,
    readonly now: Date,
  ) {}

  query(): Query {
    const { cursor } = this;
    const where = cursor.is('ORDER') || cursor.token.kind === 'end' ? undefined : this.#either(0);
    const order = cursor.take('ORDER') ? this.#order() : [];
    if (cursor.token.kind !== 'end') {
      cursor.expected(order.length > 0 ? '"," or the end' : 'AND, OR, ORDER BY or the end');
    }
    return { where, order };
  }

  #either(depth: number): Node {
    const first = this.#both(depth);
    const nodes = [first];
    while (this.cursor.take('OR')) nodes.push(this.#both(depth));
    return nodes.length === 1 ? first : { kind: 'or', nodes };
  }

  #both(depth: number): Node {
    const first = this.#one(depth);
    const nodes = [first];
    while (this.cursor.take('AND')) nodes.push(this.#one(depth));
    return nodes.length === 1 ? first : { kind: 'and', nodes };
  }

  #one(depth: number): Node {
    const { cursor } = this;
    if (depth > MAX_DEPTH) cursor.refuse(`parentheses and NOT are nested at most ${MAX_DEPTH} deep`);
    if (cursor.take('NOT')) return { kind: 'not', node: this.#one(depth + 1) };
    if (!cursor.take('(')) return this.#condition();
    const node = this.#either(depth + 1);
    if (!cursor.take(')')) cursor.expected('AND, OR or ")"');
    return node;
  }

  #condition(): Node {
    this.#conditions += 1;
    if (this.#conditions > MAX_CONDITIONS)
      this.cursor.refuse(`a query has at most ${MAX_CONDITIONS} conditions`);
    const field = this.#field('a field, NOT or "("');
    const operator = this.#operator(field);
    if (operator === 'IS EMPTY' || operator === 'IS NOT EMPTY') {
      return { kind: 'condition', field, operator, values: [] };
    }
    const values = operator === 'IN' || operator === 'NOT IN' ? this.#list(field) : [this.#value(field)];
    return { kind: 'condition', field, operator, values };
  }

  #field(expected: string): FieldName {
    const token = this.cursor.takeText(expected);
    const field = findField(token.text);
    if (field !== undefined) return field;
    const known = fieldNames().join(', ');
    return this.cursor.refuse(`"${token.text}" is not a field this server knows; use one of ${known}`, token);
  }

  #operator(field: FieldName): Operator {
    const { cursor } = this;
    const { token } = cursor;
    const allowed: readonly Operator[] = FIELDS[field].operators;
    let written = token.text;
    if (cursor.take('IS')) {
      written = cursor.take('NOT') ? 'IS NOT EMPTY' : 'IS EMPTY';
      if (!cursor.take('EMPTY') && !cursor.take('NULL')) cursor.expected('EMPTY');
    } else if (cursor.take('NOT')) {
      written = 'NOT IN';
      if (!cursor.take('IN')) cursor.expected('IN');
    } else if (cursor.take('IN')) {
      written = 'IN';
    } else if (token.kind === 'symbol' && SYMBOLS.includes(written)) {
      cursor.step();
    } else if (token.kind !== 'word') {
      cursor.expected(`an operator for ${field}, one of ${allowed.join(', ')}`);
    }
    const operator = allowed.find((each) => each === written);
    if (operator !== undefined) return operator;
    return cursor.refuse(
      `${written} is not an operator for ${field}; use one of ${allowed.join(', ')}`,
      token,
    );
  }

  #list(field: FieldName): Value[] {
    const { cursor } = this;
    if (!cursor.take('(')) cursor.expected('"(" and a list of values');
    const values = [this.#value(field)];
    while (cursor.take(',')) {
      if (values.length === MAX_LIST) cursor.refuse(`a list has at most ${MAX_LIST} values`);
      values.push(this.#value(field));
    }
    if (!cursor.take(')')) cursor.expected('"," or ")"');
    return values;
  }

  #value(field: FieldName): Value {
    const { cursor } = this;
    if (cursor.is('EMPTY') || cursor.is('NULL')) {
      cursor.refuse(`${cursor.token.text.toUpperCase()} goes with IS and IS NOT only`);
    }
    const token = cursor.takeText(`a value for ${field}`);
    if (token.kind === 'word' && cursor.is('(')) {
      cursor.refuse(`function ${token.text}() is not supported; write the value itself`, token);
    }
    const reading = readValue(field, token.text, this.now);
    if ('problem' in reading) return cursor.refuse(reading.problem, token);
    return { text: reading.text, position: token.position };
  }

  #order(): Sort[] {
    const { cursor } = this;
    const sortable = fieldNames((field: Field) => field.sortable);
    if (!cursor.take('BY')) cursor.expected('BY');
    const order: Sort[] = [];
    do {
      if (order.length === MAX_SORTS) cursor.refuse(`ORDER BY takes at most ${MAX_SORTS} fields`);
      const { token } = cursor;
      const field = this.#field('a field to order by');
      if (!sortable.includes(field)) {
        cursor.refuse(`results cannot be ordered by ${field}; use one of ${sortable.join(', ')}`, token);
      }
      const descending = cursor.take('DESC');
      if (!descending) cursor.take('ASC');
      order.push({ field, descending });
    } while (cursor.take(','));
    return order;
  }
}

/** Turns ajv's errors into a sentence a caller can act on: JSON pointer, what was expected, what arrived. */
import type { ErrorObject } from 'ajv';
import { pointerPart, shorten } from '../value.js';

export type Problem = { pointer: string; expected: string; received: string };

/** Returns undefined when the value fits, and otherwise the first problem. */
export type Check = (value: unknown) => Problem | undefined;

export function problemText({ pointer, expected, received }: Problem): string {
  return `${pointer === '' ? '(the whole value)' : pointer}: expected ${expected}, received ${received}`;
}

/** `errors` is what ajv reports for the first problem: one error, or all branches of a choice and then the choice. */
export function describeProblem(errors: readonly ErrorObject[]): Problem {
  const last = errors.at(-1);
  if (last === undefined) return { pointer: '', expected: 'a valid value', received: '?' };
  // Two branches fit where one should: the errors of the others are beside the point.
  if (last.params.passingSchemas) return describe(last);
  const branches = errors.filter(({ keyword }) => !CHOICES.includes(keyword));
  if (!CHOICES.includes(last.keyword) || branches.length === 0) return describe(errors[0] ?? last);
  const wishes = new Set(branches.map((branch) => wish(describe(branch), last.instancePath)));
  return {
    pointer: last.instancePath,
    expected: [...wishes].join(' or '),
    received: describeValue(last.data),
  };
}

const CHOICES = ['anyOf', 'oneOf'];

function wish({ pointer, expected }: Problem, here: string): string {
  return pointer === here ? expected : `${pointer}: ${expected}`;
}

function describe(error: ErrorObject): Problem {
  const { keyword, instancePath, params, data } = error;
  switch (keyword) {
    case 'required':
      return {
        pointer: instancePath + pointerPart(String(params.missingProperty)),
        expected: 'a value',
        received: 'nothing',
      };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = shorten(String(params.additionalProperty ?? params.unevaluatedProperty), 60);
      return {
        pointer: instancePath + pointerPart(name),
        expected: `no such member${knownNames(error)}`,
        received: JSON.stringify(name),
      };
    }
    default:
      return { pointer: instancePath, expected: expectation(error), received: describeValue(data) };
  }
}

function expectation({ keyword, params, message, schema }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return list(params.type);
    case 'enum':
      return `one of ${list(params.allowedValues)}`;
    case 'const':
      return JSON.stringify(params.allowedValue);
    case 'minLength':
      return `at least ${params.limit} characters`;
    case 'maxLength':
      return `at most ${params.limit} characters`;
    case 'minItems':
      return `at least ${params.limit} items`;
    case 'maxItems':
      return `at most ${params.limit} items`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `a number ${params.comparison} ${params.limit}`;
    case 'pattern':
      return `text that matches ${schema}`;
    default:
      return `what "${keyword}" asks for (${message})`;
  }
}

function knownNames({ parentSchema }: ErrorObject): string {
  const names = Object.keys(parentSchema?.properties ?? {});
  return names.length === 0 ? '' : ` (known: ${names.slice(0, 20).join(', ')})`;
}

function list(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const shownItems = value
    .slice(0, 20)
    .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return shownItems.join(', ') + (value.length > 20 ? ', …' : '');
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  // JSON may hold 1e400, which is Infinity here and null in JSON.stringify.
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `${typeof value} ${shorten(text, 60)}`;
}

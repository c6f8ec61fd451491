/** What ajv found, as a sentence a caller can act on: JSON pointer, what was expected, what came. */
import type { ErrorObject } from 'ajv';
import { shorten } from '../value.js';

export type Problem = { pointer: string; expected: string; received: string };

/** Undefined when the value fits, else the first thing that does not. */
export type Check = (value: unknown) => Problem | undefined;

export function problemText({ pointer, expected, received }: Problem): string {
  return `${pointer === '' ? '(the whole value)' : pointer}: expected ${expected}, received ${received}`;
}

/** `errors` is what ajv gives for the first thing wrong: one error, or all branches of a choice and then the choice. */
export function describeProblem(errors: readonly ErrorObject[]): Problem {
  const last = errors.at(-1);
  if (last === undefined) return { pointer: '', expected: 'a valid value', received: '?' };
  const branches = errors.filter(({ instancePath }) => instancePath === last.instancePath).slice(0, -1);
  if (!CHOICES.includes(last.keyword) || branches.length === 0) return describe(errors[0] ?? last);
  const wishes = new Set(branches.map((branch) => wish(describe(branch), last.instancePath)));
  return { pointer: last.instancePath, expected: [...wishes].join(' or '), received: shown(last.data) };
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
        pointer: `${instancePath}/${escaped(String(params.missingProperty))}`,
        expected: 'a value',
        received: 'nothing',
      };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = shorten(String(params.additionalProperty ?? params.unevaluatedProperty), 60);
      return {
        pointer: `${instancePath}/${escaped(name)}`,
        expected: `no such member${known(error)}`,
        received: JSON.stringify(name),
      };
    }
    default:
      return { pointer: instancePath, expected: expectation(error), received: shown(data) };
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
      return `what "${keyword}" asks for (${message ?? 'see the schema'})`;
  }
}

function known({ parentSchema }: ErrorObject): string {
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

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  const short = shorten(text, 60);
  return value === null ? 'null' : `${typeof value} ${short}`;
}

// RFC 6901: ~ and / inside a member's name.
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What ajv found, as a sentence a caller can act on: JSON pointer, what was expected, what came. */
import type { ErrorObject } from 'ajv';

export type Problem = { pointer: string; expected: string; received: string };

export function problemText({ pointer, expected, received }: Problem): string {
  return `${pointer === '' ? '(the whole value)' : pointer}: expected ${expected}, received ${received}`;
}

export function describeProblem(error: ErrorObject): Problem {
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
      const name = String(params.additionalProperty ?? params.unevaluatedProperty);
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
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return value === null ? 'null' : `${typeof value} ${short}`;
}

// RFC 6901: ~ and / inside a member's name.
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

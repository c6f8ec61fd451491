/**
 * Recognizes schemas that are plainly valid: every keyword is a common one and has a value of the right kind. The meta-schema would say
 * the same, but ajv needs 20 to 75 ms to compile it for the first schema. What is not recognized here is left to the meta-schema.
 *
 * @see https://json-schema.org/draft/2020-12/meta/validation
 */
import { isRecord } from '../value.js';

type Test = (value: unknown) => boolean;

const TYPES: readonly unknown[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const isPattern: Test = (value) => {
  try {
    return typeof value === 'string' && new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
};
const isString: Test = (value) => typeof value === 'string';
const isNumber: Test = (value) => Number.isFinite(value);
const isCount: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isBoolean: Test = (value) => typeof value === 'boolean';
const isTypeName: Test = (value) => TYPES.includes(value);
/** Some items, none twice; draft-07 asks that of `enum`. */
const isSetOf = (test: Test): Test => {
  return (value) => Array.isArray(value) && new Set(value).size === value.length && value.every(test);
};
const isSome: Test = (value) => Array.isArray(value) && value.length > 0;
const isSchemaList: Test = (value) => isSome(value) && Array.isArray(value) && value.every(isPlainlyValid);
const isSchemaMap: Test = (value) => isRecord(value) && Object.values(value).every(isPlainlyValid);
const isTypeSet = isSetOf(isTypeName);
const isScalarSet = isSetOf((value) => typeof value !== 'object' || value === null);

/** What both dialects say of the value of each keyword, or something stricter. */
const KEYWORDS = new Map<string, Test>([
  ...['title', 'description', 'format', '$comment', '$ref'].map(of(isString)),
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map(of(isNumber)),
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map(of(isCount)),
  ...['uniqueItems', 'readOnly'].map(of(isBoolean)),
  ...['items', 'additionalProperties', 'contains', 'propertyNames', 'not'].map(of(isPlainlyValid)),
  ...['allOf', 'anyOf', 'oneOf'].map(of(isSchemaList)),
  ...['properties', 'definitions', '$defs'].map(of(isSchemaMap)),
  ...['default', 'const'].map(of(() => true)),
  ['examples', Array.isArray],
  ['enum', (value) => isSome(value) && isScalarSet(value)],
  ['required', isSetOf(isString)],
  ['type', (value) => isTypeName(value) || (isSome(value) && isTypeSet(value))],
  ['multipleOf', (value) => isNumber(value) && Number(value) > 0],
  ['pattern', isPattern],
]);

function of(test: Test): (keyword: string) => [string, Test] {
  return (keyword) => [keyword, test];
}

/** `x-` begins the name of an extension, of which the meta-schemas say nothing. */
export function isPlainlyValid(schema: unknown): boolean {
  if (typeof schema === 'boolean') return true;
  if (!isRecord(schema)) return false;
  return Object.entries(schema).every(
    ([keyword, value]) => KEYWORDS.get(keyword)?.(value) ?? keyword.startsWith('x-'),
  );
}

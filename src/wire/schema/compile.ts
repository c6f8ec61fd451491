/**
 * Compiles a JSON Schema into a check, once, when a tool is registered: 2020-12 unless `$schema` says draft-07. Refuses a
 * schema that it cannot check here, at start, and not while a call waits. The wording of problems is in problem.ts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#json-schema-usage
 */
import { _, Ajv, type FuncKeywordDefinition, str, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isRecord, type JsonObject } from '../value.js';
import { findLoop, SchemaGraph } from './graph.js';
import { type Dialect, ownVocabulary, settleDynamicReferences, withParts } from './keywords.js';
import { nullDropper } from './nulls.js';
import { isPlainlyValid } from './plainly-valid.js';
import { type Check, describeProblem } from './problem.js';

export type { Check } from './problem.js';

/** A schema that this server will not use. The message names the schema and the reason. */
export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused';
}

/** Bounds on a schema: levels of nesting, number of objects and arrays, characters of JSON (2026-07-28/basic/049). */
const MAX_DEPTH = 32;
const MAX_NODES = 5_000;
const MAX_LENGTH = 256 * 1024;

const DIALECTS = new Map<string, Dialect>([
  ['https://json-schema.org/draft/2020-12/schema', 'draft-2020-12'],
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft-07/schema', 'draft-07'],
]);

// The first problem is enough to fix a call; collecting them all would let a long array use up memory.
const options = {
  allErrors: false,
  strict: false,
  verbose: true,
  validateFormats: false,
  addUsedSchema: false,
  // `constructor` and the like count as members only if the value itself has them.
  ownProperties: true,
  logger: false as const,
  // validator() does it, where nobody has before.
  validateSchema: false,
  // V8 optimizes what is called often. Without ajv's own pass, compiling takes a third less time.
  code: { optimize: false },
};
/** ajv's own `multipleOf` divides doubles, so it says that 19.99 is not a multiple of 0.01. */
const MULTIPLE_OF: FuncKeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  validate: (step: number, value: number) => isMultipleOf(value, step),
  error: {
    message: ({ schemaCode }) => str`must be multiple of ${schemaCode}`,
    params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}`,
  },
};
// An engine keeps every schema it compiled, and we compile a form again for each answer. So start a new engine after this many.
const MAX_COMPILED = 256;
let engines: { [Name in Dialect]?: Ajv | Ajv2020 } = {};
let compilations = 0;

/** `tested`: a test has compiled the schema, so it is valid, and compiling it can wait until it is needed. */
export function compileSchema(label: string, schema: unknown, tested = false): Check {
  return compile(label, schema, tested).check;
}

/** Compiles the schema of arguments. `withoutNulls` drops the nulls that a client sent for arguments nobody gave. */
export function compileArguments(
  label: string,
  schema: unknown,
  tested = false,
): { check: Check; withoutNulls: (args: JsonObject) => JsonObject } {
  const { own, dialect, check } = compile(label, schema, tested);
  return { check, withoutNulls: nullDropper(own, dialect, check) };
}

function compile(
  label: string,
  schema: unknown,
  tested: boolean,
): { own: JsonObject; dialect: Dialect; check: Check } {
  if (!isRecord(schema)) throw new SchemaRefused(`${label}: a schema must be a JSON object`);
  const dialect = dialectOf(label, schema);
  const text = measure(label, schema);
  const own = ownVocabulary(schema, dialect);
  settleDynamicReferences(own);
  // Before compiling, because some loops overflow the stack there.
  const loop = findLoop(new SchemaGraph(own, dialect));
  if (loop !== undefined) {
    throw new SchemaRefused(
      `${label}: the schema at #${loop} applies itself to the same value again, and would be checked without end`,
    );
  }
  const { $schema: _dialect, ...rest } = own;
  const isValid = tested || isPlainlyValid(rest);
  // What refers to nothing compiles if it is valid, so it waits for the first call.
  const canWait = tested || (isValid && !/"\$(?:ref|dynamicRef)"/.test(text));
  let validate = canWait ? undefined : validator(label, own, dialect, isValid);
  const check: Check = (value) => {
    validate ??= validator(label, own, dialect, isValid);
    return validate(value) ? undefined : describeProblem(validate.errors ?? []);
  };
  return { own, dialect, check };
}

function validator(label: string, own: JsonObject, dialect: Dialect, isValid: boolean): ValidateFunction {
  try {
    // ajv fetches nothing by itself: a `$ref` that leaves the schema is an error, never a request (basic/044, /048).
    // The engine already fixes the dialect. With `addUsedSchema` off, ajv resolves `#` only where there is an `$id`.
    const { $schema: _dialect, ...rest } = own;
    const schema = { $id: 'schema:', ...rest };
    const hasAddress = [...withParts(own)].some((part) => '$id' in part);
    const ajv = engine(dialect, hasAddress);
    if (!isValid) ajv.validateSchema(schema, true);
    return ajv.compile(schema);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SchemaRefused(`${label}: not a usable schema: ${reason}`, { cause });
  }
}

function dialectOf(label: string, schema: JsonObject): Dialect {
  const { $schema } = schema;
  if ($schema === undefined) return 'draft-2020-12';
  const dialect = typeof $schema === 'string' ? DIALECTS.get($schema.replace(/#$/, '')) : undefined;
  if (dialect !== undefined) return dialect;
  throw new SchemaRefused(
    `${label}: the dialect ${JSON.stringify($schema)} is not supported; use one of ${[...DIALECTS.keys()].join(', ')}`,
  );
}

/** One engine serves all schemas of a dialect, except those with an `$id` anywhere: two schemas may use the same one. */
function engine(dialect: Dialect, alone: boolean): Ajv | Ajv2020 {
  if (alone) return newEngine(dialect, { ...options, addUsedSchema: true });
  compilations += 1;
  if (compilations % MAX_COMPILED === 0) engines = {};
  engines[dialect] ??= newEngine(dialect, options);
  return engines[dialect];
}

function newEngine(dialect: Dialect, ajvOptions: typeof options): Ajv | Ajv2020 {
  const newAjv =
    dialect === 'draft-07'
      ? new Ajv({ ...ajvOptions, ignoreKeywordsWithRef: true })
      : new Ajv2020(ajvOptions);
  newAjv.removeKeyword('multipleOf').addKeyword(MULTIPLE_OF);
  return newAjv;
}

/** The schema as JSON. */
function measure(label: string, schema: JsonObject): string {
  let nodes = 0;
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (depth > MAX_DEPTH)
      throw new SchemaRefused(`${label}: the schema is nested deeper than ${MAX_DEPTH} levels`);
    nodes += 1;
    if (nodes > MAX_NODES) throw new SchemaRefused(`${label}: the schema has more than ${MAX_NODES} parts`);
    for (const part of Object.values(value)) visit(part, depth + 1);
  };
  visit(schema, 1);
  const text = JSON.stringify(schema);
  if (text.length > MAX_LENGTH) {
    throw new SchemaRefused(
      `${label}: the schema has ${text.length} characters; at most ${MAX_LENGTH} are accepted`,
    );
  }
  return text;
}

/** Compares both as the shortest decimals that name their doubles, which is how people write them. */
function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  if (!Number.isFinite(value)) return false;
  const [digits, power] = decimal(value);
  const [stepDigits, stepPower] = decimal(step);
  const least = Math.min(power, stepPower);
  return (digits * tens(power - least)) % (stepDigits * tens(stepPower - least)) === 0n;
}

/** The digits as a whole number, and the power of ten to multiply them by. */
function decimal(number: number): [digits: bigint, power: number] {
  const [mantissa = '0', exponent = '0'] = String(number).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return [BigInt(whole + fraction), Number(exponent) - fraction.length];
}

function tens(power: number): bigint {
  return 10n ** BigInt(power);
}

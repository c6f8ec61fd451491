/**
 * The form of an elicitation as fields that a person fills in, one line each: text, numbers, yes or no, one or several choices.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#requested-schema
 */
import { compileSchema } from '../../wire/schema/compile.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { typedValue } from './arguments.js';
import { kindText, plain } from './kinds.js';

export type Choice = { value: unknown; title: string };
export type Field = {
  name: string;
  /** What the server calls it. */
  title: string;
  description: string;
  /** What fits, in a few words. */
  expected: string;
  required: boolean;
  /** Undefined if there is none. */
  fallback: unknown;
  choices: readonly Choice[];
  /** Whether a choice may also be made by its number in the list. */
  numbered: boolean;
  read(text: string): { value: unknown } | { problem: string };
};

const YES = /^(y|yes|true)$/i;
const NO = /^(n|no|false)$/i;
/** A form has a few fields; more are not for a person. */
export const MAX_FIELDS = 100;

/** @throws SchemaRefused if a field has a schema that cannot be checked */
export function formFields(schema: unknown): Field[] {
  const { properties, required } = isRecord(schema) ? schema : {};
  if (!isRecord(properties)) return [];
  const requiredNames = Array.isArray(required) ? required : [];
  return Object.entries(properties)
    .slice(0, MAX_FIELDS)
    .map(([name, part]) => fieldOf(name, isRecord(part) ? part : {}, requiredNames.includes(name)));
}

function fieldOf(name: string, part: JsonObject, required: boolean): Field {
  const { title, description, default: fallback } = part;
  const many = part.type === 'array';
  const choices = choicesOf(many && isRecord(part.items) ? part.items : part);
  const numbered = !choices.some((choice) => /^\d+$/.test(plain(choice.value)) || /^\d+$/.test(choice.title));
  const check = compileSchema(name, part);
  const expected = expectedOf(part, choices, many);
  return {
    name,
    title: typeof title === 'string' && title !== '' ? title : name,
    description: typeof description === 'string' ? description : '',
    expected,
    required,
    fallback,
    choices,
    numbered,
    read(text) {
      const value = answeredValue(text, part, choices, numbered, many);
      if (value === undefined) return { problem: `expected ${expected}, received ${JSON.stringify(text)}` };
      const problem = check(value);
      if (problem !== undefined)
        return { problem: `expected ${problem.expected}, received ${problem.received}` };
      const wrong = formatProblem(part.format, value);
      return wrong === undefined
        ? { value }
        : { problem: `expected ${wrong}, received ${JSON.stringify(text)}` };
    },
  };
}

/** Undefined if the text is none of the choices, or neither yes nor no. */
function answeredValue(
  text: string,
  part: JsonObject,
  choices: readonly Choice[],
  numbered: boolean,
  many: boolean,
): unknown {
  const word = text.trim();
  if (many) {
    const parts = word.split(',').filter((one) => one.trim() !== '');
    const values = parts.map((one) => choiceOf(one.trim(), choices, numbered));
    return values.includes(undefined) ? undefined : values.map((choice) => choice?.value);
  }
  if (choices.length > 0) return choiceOf(word, choices, numbered)?.value;
  if (part.type === 'boolean') return YES.test(word) ? true : NO.test(word) ? false : undefined;
  if (part.type === 'number' || part.type === 'integer') return typedValue(word, new Set(['number']));
  // How a person writes the empty text, because an empty line takes the default.
  return word === '""' ? '' : text;
}

function choiceOf(word: string, choices: readonly Choice[], numbered: boolean): Choice | undefined {
  const same = (text: string): boolean => text.toLowerCase() === word.toLowerCase();
  return (
    choices.find(({ value }) => plain(value) === word) ??
    choices.find(({ value, title }) => same(title) || same(plain(value))) ??
    (numbered && /^\d{1,4}$/.test(word) ? choices[Number(word) - 1] : undefined)
  );
}

/** `enum`, with `enumNames` in revisions that had no titles yet, or `oneOf` and `anyOf` with a title for each. */
function choicesOf(part: JsonObject): Choice[] {
  const { enum: values, enumNames, oneOf, anyOf } = part;
  if (Array.isArray(values)) {
    const names: readonly unknown[] = Array.isArray(enumNames) ? enumNames : [];
    return values.map((value, at) => ({ value, title: plain(names[at] ?? value) }));
  }
  const branches = [oneOf, anyOf].find(Array.isArray) ?? [];
  return branches
    .filter(isRecord)
    .filter((branch) => 'const' in branch)
    .map((branch) => ({ value: branch.const, title: plain(branch.title ?? branch.const) }));
}

function expectedOf(part: JsonObject, choices: readonly Choice[], many: boolean): string {
  const { minItems, maxItems, format } = part;
  if (many) {
    const least = typeof minItems === 'number' ? `at least ${minItems}` : '';
    const most = typeof maxItems === 'number' ? `at most ${maxItems}` : '';
    const bounds = [least, most].filter((text) => text !== '').join(', ');
    return `some of them, with commas${bounds === '' ? '' : `, ${bounds}`}`;
  }
  if (choices.length > 0) return 'one of them';
  if (part.type === 'boolean') return 'yes or no';
  return typeof format === 'string' && format in FORMATS
    ? (FORMATS[format]?.words ?? format)
    : kindText(part);
}

/** The formats that a form may ask for. */
const FORMATS: { [format: string]: { words: string; fits: (text: string) => boolean } } = {
  email: { words: 'an email address', fits: (text) => /^[^\s@]+@[^\s@]+$/.test(text) },
  uri: { words: 'a URI', fits: (text) => URL.canParse(text) },
  date: {
    words: 'a date like 2026-11-29',
    fits: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  },
  'date-time': {
    words: 'a time like 2026-11-29T12:00:00Z',
    fits: (text) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/i.test(text) && !Number.isNaN(Date.parse(text)),
  },
};

/** What was expected instead. */
function formatProblem(format: unknown, value: unknown): string | undefined {
  if (typeof format !== 'string' || typeof value !== 'string' || !Object.hasOwn(FORMATS, format))
    return undefined;
  return FORMATS[format]?.fits(value) === false ? FORMATS[format]?.words : undefined;
}

/** Checks every refusal with 401, 403, 429 or 503 in a message against the schema that the servers publish. */
import { Ajv } from 'ajv';
import { DENIAL_SCHEMA } from '../../src/wire/denial.js';
import { FAULTS } from '../../src/wire/fault.js';

export const isDenial = new Ajv({ allErrors: true, strictRequired: false }).compile(DENIAL_SCHEMA);

const rows = Object.values(FAULTS).filter((row) => 'reason' in row);
const CODES = new Set<unknown>(rows.map(({ code }) => code).filter((code) => code > 0));
/** Refusals with only a status have the code of every bad request. */
const TITLES = rows.filter(({ code }) => code < 0).map(({ title }) => `${title}: `);

/** The `data` of each refusal in the message: its own error, or that of a task that failed. */
export function denialsIn(message: unknown): unknown[] {
  if (typeof message !== 'object' || message === null) return [];
  const { code, message: text, data } = message as { [name: string]: unknown };
  if (typeof text === 'string' && (CODES.has(code) || TITLES.some((title) => text.startsWith(title))))
    return [data];
  return Object.values(message).flatMap(denialsIn);
}

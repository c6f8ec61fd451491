/** Short descriptions of received values. Containers are named by their kind alone: their content may be large, or secret. */
import { shorten } from '../../wire/value.js';

const MAX_SHOWN = 60;

export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? quote(value) : String(value);
}

export function quote(text: string): string {
  return JSON.stringify(shorten(text, MAX_SHOWN));
}

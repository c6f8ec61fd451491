/** JSON values: the one type for an object, and short, safe words about a value for an error message. */

export type JsonObject = { [key: string]: unknown };

/** True for what JSON calls an object: not null, not an array. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A quotation of at most 60 characters. */
export function preview(value: unknown): string {
  if (value === undefined) return 'nothing';
  return shorten(JSON.stringify(value), 60);
}

/** The text, or its beginning within `most` characters and never half of a surrogate pair. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3).replace(/[\ud800-\udbff]$/, '')}...`;
}

export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

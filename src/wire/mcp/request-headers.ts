/**
 * The headers that mirror a modern request's body: `Mcp-Method`, `Mcp-Name`, and `Mcp-Param-*` where a tool's schema
 * asks for it with `x-mcp-header`. Clients create them here too. A gateway may have routed by a header while we run the body, so the
 * server refuses any difference (2026-07-28/streamable-http/068).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 */
import { Fault } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import { isRecord, type JsonObject, preview } from '../value.js';

/** Request headers by lower-case name, as node:http gives them. */
export type Headers = { readonly [name: string]: string | string[] | undefined };

/** A parameter that a header mirrors, and its path in `arguments`. */
export type MirroredParam = { header: string; path: string[]; type: 'string' | 'integer' | 'boolean' };

const NAME_FIELDS: ReadonlyMap<string, 'name' | 'uri' | 'taskId'> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  // SEP-2663, routing headers.
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The headers of a modern request, except those of its tool's parameters (2026-07-28/streamable-http/037, /038). */
export function mirroredHeaders(method: string, params: JsonObject): { [name: string]: string } {
  const field = NAME_FIELDS.get(method);
  const name = field && params[field];
  return typeof name === 'string'
    ? { 'Mcp-Method': method, 'Mcp-Name': encode(name) }
    : { 'Mcp-Method': method };
}

/** A header for each mirrored argument that is present (2026-07-28/streamable-http/058). @throws RangeError for an unsafe integer */
export function paramHeaders(
  mirroredParams: readonly MirroredParam[],
  args: JsonObject,
): { [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const { header, path, type } of mirroredParams) {
    const value = valueAt(args, path);
    // An array or object breaks the schema, and the server explains that better.
    if (value === undefined || value === null || typeof value === 'object') continue;
    if (type === 'integer' && typeof value === 'number' && !Number.isSafeInteger(value))
      throw new RangeError(`/${path.join('/')}: ${header} carries whole numbers up to 2^53-1 only`);
    headers[header] = encode(String(value));
  }
  return headers;
}

/** The refusal if `Mcp-Method` or `Mcp-Name` differs from what it mirrors. */
export function validateRequestHeaders({ method, params }: Request, headers: Headers): Fault | undefined {
  const sentMethod = headers['mcp-method'];
  if (sentMethod === undefined) return mismatch(`the header Mcp-Method is missing; send ${preview(method)}`);
  if (sentMethod !== method)
    return mismatch(`Mcp-Method is ${preview(sentMethod)} but the body's method is ${preview(method)}`);
  const field = NAME_FIELDS.get(method);
  if (field === undefined) return undefined;
  const name = params[field];
  const sentName = headers['mcp-name'];
  if (typeof name === 'string') return compare('Mcp-Name', sentName, name);
  // A gateway may have routed by this header. Without it the request is merely malformed, and its method explains that better.
  return sentName === undefined
    ? undefined
    : mismatch(`Mcp-Name is ${preview(sentName)} but the body's params.${field} is not a string`);
}

/** The same for a notification, which may leave `Mcp-Method` out and has no other header. */
export function validateNotificationHeader(method: string, headers: Headers): Fault | undefined {
  const sentMethod = headers['mcp-method'];
  return sentMethod === undefined || sentMethod === method
    ? undefined
    : mismatch('Mcp-Method differs from the method in the body');
}

/** The refusal if a header of the tool differs from the argument as the tool will read it. */
export function validateParamHeaders(
  entry: { mirroredParams: readonly MirroredParam[]; withoutNulls: (args: JsonObject) => JsonObject },
  { params }: Request,
  headers: Headers,
  strictArguments: boolean,
): Fault | undefined {
  const sentArgs = isRecord(params.arguments) ? params.arguments : {};
  const args = strictArguments ? sentArgs : entry.withoutNulls(sentArgs);
  for (const { header, path, type } of entry.mirroredParams) {
    const value = valueAt(args, path);
    const sentValue = headers[header.toLowerCase()];
    if (value === undefined || value === null) {
      if (sentValue === undefined) continue;
      return mismatch(
        `${header} was sent but the argument /${path.join('/')} is ${value === null ? 'null' : 'absent'}`,
      );
    }
    // Not a primitive: without a header to route by, the schema refuses it.
    if (typeof value === 'object') {
      if (sentValue === undefined) continue;
      return mismatch(`${header} was sent but the argument /${path.join('/')} is not a primitive`);
    }
    const fault = compare(header, sentValue, value, type === 'integer');
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function valueAt(args: JsonObject, path: readonly string[]): unknown {
  let value: unknown = args;
  for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

function compare(name: string, headerValue: unknown, value: unknown, asNumber = false): Fault | undefined {
  const text = String(value);
  // Beyond 2^53 neighbours become one number, and header and body could name different ones (2026-07-28/streamable-http/047).
  if (asNumber && typeof value === 'number' && !Number.isSafeInteger(value)) {
    return mismatch(`${name} mirrors integers up to 2^53-1, the body says ${preview(text)}`);
  }
  if (typeof headerValue !== 'string')
    return mismatch(`the header ${name} is missing; the body says ${preview(text)}`);
  const decodedText = decode(headerValue);
  if (decodedText === undefined)
    return mismatch(`${name} holds characters or Base64 that are not valid there`);
  if (decodedText === text) return undefined;
  // 42.0 and 42 are one integer (2026-07-28/streamable-http/069).
  if (asNumber && /^-?\d+(\.0+)?$/.test(decodedText) && Number(decodedText) === value) return undefined;
  return mismatch(`${name} is ${preview(decodedText)} but the body says ${preview(text)}`);
}

const SENTINEL = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A header value with its Base64 sentinel decoded; undefined if it is invalid. */
export function decode(value: string): string | undefined {
  const inner = SENTINEL.exec(value)?.[1];
  if (inner === undefined) return /^[\t\x20-\x7e]*$/.test(value) ? value : undefined;
  if (!BASE64.test(inner)) return undefined;
  try {
    return utf8.decode(Uint8Array.from(atob(inner), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Text as a header value: unchanged if that is safe, otherwise as Base64 of its UTF-8 (2026-07-28/streamable-http/054, /057). */
export function encode(text: string): string {
  const isSafe = /^[\t\x20-\x7e]*$/.test(text) && text.trim() === text && !SENTINEL.test(text);
  if (isSafe) return text;
  const bytes = new TextEncoder().encode(text);
  return `=?base64?${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}?=`;
}

function mismatch(detail: string): Fault {
  return new Fault('headerMismatch', detail);
}

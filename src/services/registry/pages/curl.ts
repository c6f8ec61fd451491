/**
 * A `curl` line that calls a tool. Whatever a manifest says stands in it as one word of the shell, and shows every
 * character that it has: somebody pastes this into a terminal.
 */

import { escapeOf, replaceUnseen } from '../../../pages/unseen.js';
import { mirroredParams } from '../../../wire/mcp/catalog.js';
import { MODERN } from '../../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';

export type Callable = {
  url: string;
  /** Whether the server asks for an access token. */
  token: boolean;
  tool: { name: string; schema: JsonObject };
};

/** Undefined when the address is none that curl should be given. */
export function curlLine({ url, token, tool }: Callable, args: unknown): string | undefined {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) return undefined;
  const meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: tool.name, arguments: args, _meta: meta };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  // Brackets would be ranges to curl.
  const plain = /[[\]{}]/.test(address.href) ? '-sg' : '-s';
  const headers = [
    'content-type: application/json',
    `mcp-protocol-version: ${MODERN}`,
    'mcp-method: tools/call',
    `mcp-name: ${headerValue(tool.name)}`,
    ...mirrored(tool.schema, args),
  ];
  return [
    `curl ${plain} ${shellWord(address.href)}`,
    ...(token ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...headers.map((header) => `-H ${shellWord(header)}`),
    `-d ${shellWord(replaceUnseen(body, escapeOf))}`,
  ].join(' \\\n  ');
}

/** The text as one word of a POSIX shell, which reads nothing within single quotes. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A server refuses a call whose headers do not say what its arguments do. */
function mirrored(schema: JsonObject, args: unknown): string[] {
  let params: ReturnType<typeof mirroredParams>;
  try {
    params = mirroredParams('a tool', schema);
  } catch {
    return [];
  }
  return params.flatMap(({ header, path }) => {
    let value = args;
    for (const step of path) value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    return ['string', 'number', 'boolean'].includes(typeof value)
      ? [`${header}: ${headerValue(String(value))}`]
      : [];
  });
}

/** What a header cannot carry travels as Base64 (2026-07-28/streamable-http/056). */
function headerValue(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?')) return text;
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

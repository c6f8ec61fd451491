/**
 * A `curl` line that calls a tool. Somebody will paste it into a terminal, so each text from a manifest is quoted as one
 * word of the shell, and none of its characters is invisible.
 */
import { escapeOf, replaceUnseen } from '../../../pages/unseen.js';
import { mirroredParams } from '../../../wire/mcp/catalog.js';
import { MODERN } from '../../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';

export type Callable = {
  url: string;
  /** Whether the server needs an access token. */
  token: boolean;
  tool: { name: string; schema: JsonObject };
};

/** Undefined for an address that is not of the web. */
export function curlLine({ url, token, tool }: Callable, args: unknown): string | undefined {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) return undefined;
  const meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: tool.name, arguments: args, _meta: meta };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  // curl reads brackets and braces as ranges, unless -g turns that off.
  const options = /[[\]{}]/.test(address.href) ? '-sg' : '-s';
  const headers = [
    'content-type: application/json',
    `mcp-protocol-version: ${MODERN}`,
    'mcp-method: tools/call',
    `mcp-name: ${headerValue(tool.name)}`,
    ...mirrored(tool.schema, args),
  ];
  return [
    `curl ${options} ${shellWord(address.href)}`,
    ...(token ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...headers.map((header) => `-H ${shellWord(header)}`),
    `-d ${shellWord(replaceUnseen(body, escapeOf))}`,
  ].join(' \\\n  ');
}

/** The text as one word of a POSIX shell, which interprets nothing within single quotes. */
function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Headers that repeat arguments: a server refuses a call whose headers and arguments differ. */
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

/** Base64 for what a header cannot carry (2026-07-28/streamable-http/056). */
function headerValue(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith('=?')) return text;
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

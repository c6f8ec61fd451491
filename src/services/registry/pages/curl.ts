/**
 * A `curl` line that calls a tool with example arguments. Somebody will paste it into a terminal, so each
 * text is quoted as one word of the shell, and no character is invisible.
 */
import { shellWord } from '../../../pages/shell.js';
import { escapeOf, replaceUnseen } from '../../../pages/unseen.js';
import { mirroredParams } from '../../../wire/mcp/catalog.js';
import { CLIENT_CAPABILITIES, PROTOCOL_VERSION } from '../../../wire/mcp/meta.js';
import { mirroredHeaders, paramHeaders } from '../../../wire/mcp/request-headers.js';
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
    [PROTOCOL_VERSION]: MODERN,
    [CLIENT_CAPABILITIES]: {},
  };
  const params = { name: tool.name, arguments: args, _meta: meta };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  // curl reads brackets and braces as ranges, unless -g turns that off.
  const options = /[[\]{}]/.test(address.href) ? '-sg' : '-s';
  const headers = {
    'content-type': 'application/json',
    'mcp-protocol-version': MODERN,
    ...mirroredHeaders('tools/call', params),
    ...argumentHeaders(tool.schema, args),
  };
  return [
    `curl ${options} ${shellWord(address.href)}`,
    ...(token ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${shellWord(`${name}: ${value}`)}`),
    `-d ${shellWord(replaceUnseen(body, escapeOf))}`,
  ].join(' \\\n  ');
}

/** Headers that repeat arguments: a server refuses a call whose headers and arguments differ. */
function argumentHeaders(schema: JsonObject, args: unknown): { [name: string]: string } {
  try {
    return isRecord(args) ? paramHeaders(mirroredParams('a tool', schema), args) : {};
  } catch {
    return {};
  }
}

/** The example or default that the schema gives, or its required members with placeholders. */
export function exampleOf(schema: JsonObject): unknown {
  const properties = propertiesOf(schema);
  const members = requiredOf(schema).map((name) => {
    const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return [name, isRecord(member) ? (givenValue(member) ?? placeholder(member)) : 'example'];
  });
  return givenValue(schema) ?? Object.fromEntries(members);
}

function givenValue({ examples, default: standard, const: only, enum: values }: JsonObject): unknown {
  const [example] = Array.isArray(examples) ? examples : [];
  const [value] = Array.isArray(values) ? values : [];
  return example ?? standard ?? only ?? value;
}

function placeholder(member: JsonObject): unknown {
  const { minimum } = member;
  switch (typesOf(member).find((type) => type !== 'null')) {
    case 'integer':
    case 'number':
      return typeof minimum === 'number' ? minimum : 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return exampleOf(member);
    default:
      return 'example';
  }
}

export function propertiesOf({ properties }: JsonObject): JsonObject {
  return isRecord(properties) ? properties : {};
}

export function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

export function typesOf({ type }: JsonObject): string[] {
  return [type].flat().filter((one) => typeof one === 'string');
}

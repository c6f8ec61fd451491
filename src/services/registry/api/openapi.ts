/**
 * The API as an OpenAPI document: what a client is generated from, and what the tests hold every answer against.
 *
 * @see https://spec.openapis.org/oas/v3.1.0
 */

import { isRecord, type JsonObject } from '../../../wire/value.js';
import { MANIFEST_SCHEMA } from '../manifest/schema.js';
import { REGISTRY_WRITE } from '../token-names.js';
import { OPERATIONS, type Operation } from './routes.js';
import { SCHEMAS } from './schemas.js';
import { OPERATION_WORDS } from './words.js';

export const OPENAPI_PATH = '/openapi.json';

const PARAMETERS: { [name: string]: JsonObject } = {
  cursor: { schema: { type: 'string' }, description: 'nextCursor of the page before.' },
  limit: {
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    description: 'How many at most.',
  },
  offset: { schema: { type: 'integer', minimum: 0, default: 0 }, description: 'How many to pass over.' },
  before: { schema: { type: 'integer', minimum: 1 }, description: 'nextBefore of the page before.' },
  q: {
    schema: { type: 'string' },
    description: 'Words; the last may be unfinished, and typos are forgiven. In double quotes: as it stands.',
  },
  owner: { schema: { type: 'string' }, description: 'Only servers of that owner.' },
  scope: { schema: { type: 'string' }, description: 'Only servers with a tool that needs that scope.' },
  destructive: { schema: { enum: ['true', 'false'] }, description: 'Only servers with such a tool.' },
  state: {
    schema: { enum: ['on', 'off', 'quarantined', 'pending', 'failing'] },
    description:
      'Only servers in that state; quarantined also where a tool is, failing where the last check found errors.',
  },
  severity: {
    schema: { enum: ['error', 'warning', 'info'] },
    description: 'Only findings of that severity.',
  },
  url: { schema: { type: 'string', format: 'uri' }, description: 'The URL of an MCP endpoint.' },
};

export function openApi(origin: string, version: string): JsonObject {
  const paths: { [path: string]: JsonObject } = {};
  for (const operation of OPERATIONS) {
    const path = paths[operation.path] ?? {};
    paths[operation.path] = { ...path, [operation.method.toLowerCase()]: described(operation) };
  }
  paths['/api/events'] = { get: EVENTS };
  return {
    openapi: '3.1.0',
    info: {
      title: 'barewire registry',
      version,
      description:
        'Which MCP servers there are, what each tool can do, which scope it needs, who owns it, whether it is what it claims to be, and whether it is on. The read API of the official MCP registry stands beside it under /v0.1.',
    },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: { ...SCHEMAS, ...manifestSchemas() },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `A token for this registry with the scope ${REGISTRY_WRITE}.`,
        },
      },
    },
  };
}

function described({ method, path, parameters = [], body, writes, persons }: Operation): JsonObject {
  const key = `${method} ${path}`;
  const words = OPERATION_WORDS[key];
  if (words === undefined) throw new Error(`${key} has no words in the OpenAPI document`);
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description:
      name === 'name'
        ? 'The name of a server, or the URL of its endpoint, percent-encoded. A name that two servers claim is refused for any change.'
        : 'The name of one of its tools.',
  }));
  const asked = parameters.map((name) => ({ name, in: 'query', ...PARAMETERS[name] }));
  const { summary, id, answers, takes } = words;
  return {
    operationId: id,
    summary,
    parameters: [...named, ...asked],
    ...(body === true ? { requestBody: { required: true, content: json(reference(takes ?? '')) } } : {}),
    ...(writes === true ? { security: [{ token: [] }] } : {}),
    ...(persons === true ? { security: [{}, { token: [] }] } : {}),
    responses: { ...responses(answers), default: PROBLEM },
  };
}

function responses(answers: { [status: string]: string | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [
      status,
      {
        description: MEANINGS[status] ?? status,
        ...(schema === undefined ? {} : { content: json(reference(schema)) }),
      },
    ]),
  );
}

const MEANINGS: { [status: string]: string } = {
  200: 'What was asked for.',
  202: 'It was added, and is checked as soon as there is time.',
  204: 'It is gone.',
  304: 'As If-None-Match has it.',
};

const PROBLEM = {
  description: 'Why not (RFC 9457).',
  content: { 'application/problem+json': { schema: reference('Problem') } },
};
const EVENTS = {
  operationId: 'watch',
  summary:
    'Every change as it happens: events named change with an id, and after Last-Event-ID those that were missed.',
  parameters: [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'integer' } }],
  responses: {
    200: {
      description: 'A stream of events.',
      content: { 'text/event-stream': { schema: reference('Event') } },
    },
  },
};

function json(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } };
}

function reference(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** The manifest's own schema is the source for what is told of it here. */
function manifestSchemas(): JsonObject {
  const { properties } = MANIFEST_SCHEMA;
  const { tools, ...rest } = isRecord(properties) ? properties : {};
  const tool = isRecord(tools) ? tools.items : undefined;
  return { ManifestTool: tool, ManifestHead: { type: 'object', properties: rest } };
}

/**
 * The API as an OpenAPI document, made from the table of operations. The tests check every response against
 * it.
 *
 * @see https://spec.openapis.org/oas/v3.1.0
 */
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { MANIFEST_SCHEMA } from '../manifest/schema.js';
import { REGISTRY_WRITE } from '../token-names.js';
import { OPERATIONS, type Operation } from './operations.js';
import { PARAMETERS } from './parameters.js';
import { ref, SCHEMAS } from './schemas.js';

export const OPENAPI_PATH = '/openapi.json';

const PATH_PARAMETERS: { [name: string]: string } = {
  name: 'The name of a server, or the URL of its endpoint, percent-encoded. A name that two servers claim is refused for any change.',
  tool: 'The name of one of its tools.',
};
const RESPONSES: { [status: string]: string } = {
  200: 'What was asked for.',
  202: 'Added; the check follows soon.',
  204: 'Removed.',
  304: 'Unchanged since the ETag in If-None-Match.',
};
const SECURITY = { write: [{ token: [] }], persons: [{}, { token: [] }] };
const TOKEN = {
  type: 'http',
  scheme: 'bearer',
  description: `A token for this registry with the scope ${REGISTRY_WRITE}.`,
};
const PROBLEM = {
  description: 'Why not (RFC 9457).',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
const EVENTS = {
  operationId: 'watch',
  summary:
    'Every change as an event named change, with an id; after Last-Event-ID, first those that were missed.',
  parameters: [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'integer' } }],
  responses: {
    200: { description: 'A stream of events.', content: { 'text/event-stream': { schema: ref('Event') } } },
  },
};

export function openApi(origin: string, version: string): JsonObject {
  const paths: { [path: string]: JsonObject } = { '/api/events': { get: EVENTS } };
  for (const [id, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = operation.route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(id, path, operation) };
  }
  // The schema of the manifest is also the source for its parts in this document.
  const { tools, ...head } = isRecord(MANIFEST_SCHEMA.properties) ? MANIFEST_SCHEMA.properties : {};
  return {
    openapi: '3.1.0',
    info: {
      title: 'barewire registry',
      version,
      description:
        'Which MCP servers there are, what each tool can do, which scope it needs, who owns it, whether it is what it claims to be, and whether it is on. The read API of the official MCP registry is served under /v0.1.',
    },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: {
        ...SCHEMAS,
        ManifestTool: isRecord(tools) ? tools.items : undefined,
        ManifestHead: { type: 'object', properties: head },
      },
      securitySchemes: { token: TOKEN },
    },
  };
}

function describe(
  operationId: string,
  path: string,
  { summary, query = [], body, access, responses }: Operation,
): JsonObject {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: PATH_PARAMETERS[name],
  }));
  const inQuery = query.map((name) => {
    const { schema, description } = PARAMETERS[name];
    return { name, in: 'query', schema, description };
  });
  const byStatus = Object.entries(responses).map(([status, schema]) => [
    status,
    { description: RESPONSES[status], ...(schema && jsonOf(schema)) },
  ]);
  return {
    operationId,
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { required: true, ...jsonOf(body) } }),
    ...(access && { security: SECURITY[access] }),
    responses: { ...Object.fromEntries(byStatus), default: PROBLEM },
  };
}

function jsonOf(schema: string): JsonObject {
  return { content: { 'application/json': { schema: ref(schema) } } };
}

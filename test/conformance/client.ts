/**
 * The client that the official suite starts, one process per scenario: the address is the last argument; the scenario, its
 * revision and what else it wants to say are in the environment. One failure ends it with exit code 1.
 */

import { type Client, connectHttp, type InputHandlers } from '../../src/client/index.js';
import type { TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import { isRevision } from '../../src/wire/revisions.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';

const {
  MCP_CONFORMANCE_SCENARIO: scenario = '',
  MCP_CONFORMANCE_PROTOCOL_VERSION,
  MCP_CONFORMANCE_CONTEXT,
} = process.env;
const url = new URL(process.argv.at(-1) ?? '');
const context: JsonObject = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}');
const revision = isRevision(MCP_CONFORMANCE_PROTOCOL_VERSION) ? MCP_CONFORMANCE_PROTOCOL_VERSION : undefined;

/** What a scenario wants after the connection is open. */
const STEPS: { [name: string]: (client: Client) => Promise<unknown> } = {
  'json-schema-ref-no-deref': listTools,
  'json-schema-2020-12-preservation': async (client) => {
    const tool = (await listTools(client)).find(({ name }) => name === 'json_schema_2020_12_tool');
    await client.callTool('json_schema_echo', { schema: tool?.inputSchema });
  },
  'http-standard-headers': async (client) => {
    await callAll(client);
    for await (const { uri } of client.list('resources/list'))
      await client.request('resources/read', { uri });
    for await (const { name } of client.list('prompts/list')) await client.request('prompts/get', { name });
  },
};

const text = (name: string): string => String(context[name]);
const ACTS_FOR_ITSELF = { clientId: text('client_id'), grant: 'client_credentials' as const };
/** How the client gets tokens, where that is not the usual way. */
const CREDENTIALS: { [name: string]: () => Partial<TokenSourceOptions> } = {
  'auth/pre-registration': () => ({ clientId: text('client_id'), clientSecret: text('client_secret') }),
  'auth/client-credentials-basic': () => ({ ...ACTS_FOR_ITSELF, clientSecret: text('client_secret') }),
  'auth/client-credentials-jwt': () => ({
    ...ACTS_FOR_ITSELF,
    clientKey: { pem: text('private_key_pem'), algorithm: text('signing_algorithm') },
  }),
};

/** The suite's servers let everybody in, so the browser needs no person. */
const tokens = createTokenSource(url, {
  interaction: {
    say: (line) => console.log(line),
    open: async (page) => {
      await (await fetch(page)).text();
    },
  },
  clientName: 'barewire conformance client',
  clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
  ...CREDENTIALS[scenario]?.(),
});

async function listTools(client: Client): Promise<JsonObject[]> {
  const tools: JsonObject[] = [];
  for await (const tool of client.list('tools/list')) tools.push(tool);
  return tools;
}

/** The calls that the scenario asks for, else each tool that it offers. */
async function callAll(client: Client): Promise<void> {
  const tools = await listTools(client);
  const calls = Array.isArray(context.toolCalls)
    ? context.toolCalls
    : tools.map(({ name, inputSchema }) => ({ name, arguments: argumentsFor(inputSchema) }));
  for (const call of calls) await client.callTool(String(call.name), call.arguments);
}

/** A value for each property. */
function argumentsFor(schema: unknown): JsonObject {
  const properties = isRecord(schema) && isRecord(schema.properties) ? schema.properties : {};
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, valueFor(property)]));
}

function valueFor(property: unknown): unknown {
  const { type, default: usual } = isRecord(property) ? property : {};
  if (usual !== undefined) return usual;
  if (type === 'number' || type === 'integer') return 2;
  return type === 'boolean' ? true : 'text';
}

/** Fills in the form. Other calls may run meanwhile, and must not carry its state. */
function handlers(client: () => Client | undefined): InputHandlers {
  return {
    'elicitation/create': async ({ requestedSchema }) => {
      if (scenario === 'sep-2322-client-request-state') await client()?.callTool('test_mrtr_unrelated');
      return { action: 'accept', content: argumentsFor(requestedSchema) };
    },
  };
}

let client: Client | undefined;
client = await connectHttp(url, {
  clientInfo: { name: 'barewire-conformance', version: '1.0.0' },
  revision,
  tokens,
  handlers: handlers(() => client),
  onWarning: (warning) => console.log(warning),
});
try {
  await (STEPS[scenario] ?? callAll)(client);
} finally {
  await client.close();
}

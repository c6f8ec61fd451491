/**
 * The official clients behind one interface, which answers their questions and records their notifications. Without a URL they start
 * the server with everything themselves and speak over stdio.
 */

import { fileURLToPath } from 'node:url';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { JsonObject } from '../../src/wire/value.js';
import { bearing, type Guarded } from '../support/governed.js';
import { scriptArguments } from '../support/script.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INFO = { name: 'interop', version: '1.0.0' };
const COMMAND = {
  command: process.execPath,
  args: scriptArguments('test/interop/everything-stdio.ts'),
  cwd: ROOT,
  stderr: 'pipe' as const,
};
const CAPABILITIES = { sampling: {}, roots: {}, elicitation: { form: { applyDefaults: true }, url: {} } };
const ROOTS = [{ uri: 'file:///home/ann', name: 'home' }];
const PARIS = {
  role: 'assistant' as const,
  model: 'atlas',
  content: { type: 'text' as const, text: 'Paris' },
};

export type Form = {
  mode?: string | undefined;
  url?: string;
  message: string;
  requestedSchema?: { properties: object };
};
type Answer = {
  action: 'accept' | 'decline' | 'cancel';
  content?: { [key: string]: string | number | boolean | string[] };
};

const VALUES: { [name: string]: string | boolean | string[] } = {
  name: 'Ann',
  color: 'green',
  response: 'fine',
  context: 'spring',
  confirm: true,
  ok: true,
  untitledSingle: 'option2',
  titledSingle: 'value1',
  legacyEnum: 'opt3',
  untitledMulti: ['option1', 'option3'],
  titledMulti: ['value2'],
};
/** Fills in whatever a form asks for, except what has a default. */
export function fill({ mode, requestedSchema }: Form): Answer {
  if (mode === 'url') return { action: 'accept' };
  const asked = Object.entries(requestedSchema?.properties ?? {}).flatMap(([name, part]) =>
    'default' in part ? [] : [name],
  );
  return {
    action: 'accept',
    content: Object.fromEntries(asked.map((name) => [name, VALUES[name] ?? 'yes'])),
  };
}

/** The questions and notifications that a client recorded. */
type Noted = { asked: string[]; told: { method: string; params: JsonObject }[] };
export type Face = Noted & {
  call(
    name: string,
    args?: JsonObject,
    more?: { level?: string; progress?: (step: number) => void },
  ): Promise<JsonObject>;
  prompt(name: string, args?: { [name: string]: string }): Promise<JsonObject>;
  read(uri: string): Promise<JsonObject>;
  lists(): Promise<{ prompts: JsonObject[]; resources: JsonObject[]; templates: JsonObject[] }>;
  complete(
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string },
    name: string,
    value: string,
  ): Promise<JsonObject>;
  answer: (form: Form) => Answer;
  close(): Promise<void>;
};
export type V2 = Face & { client: ClientV2 };
/** `listens` resolves when its GET stream is open, which it opens in the background. */
export type V1 = Face & {
  client: ClientV1;
  transport: HttpV1 | StdioV1;
  listens: () => Promise<unknown>;
};

function openHttpV1(target: URL | Guarded, onListening: () => void): HttpV1 {
  const { url, options } = bearing(target);
  return new HttpV1(url, {
    ...options,
    fetch: async (address, init) => {
      const response = await fetch(address, init);
      if (init?.method === 'GET' && response.ok) onListening();
      return response;
    },
  });
}

function openHttpV2(target: URL | Guarded): HttpV2 {
  const { url, options } = bearing(target);
  return new HttpV2(url, options);
}

export async function openV2(
  target: URL | Guarded | undefined,
  capabilities: object = CAPABILITIES,
): Promise<V2> {
  const client = new ClientV2(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } }, capabilities });
  const noted: Noted = { asked: [], told: [] };
  const face = { answer: fill };
  if ('elicitation' in capabilities)
    client.setRequestHandler('elicitation/create', ({ params }) => {
      noted.asked.push(params.message);
      return face.answer(params as Form);
    });
  if ('sampling' in capabilities)
    client.setRequestHandler('sampling/createMessage', ({ params }) => {
      noted.asked.push(`sampling ${params.maxTokens}`);
      return PARIS;
    });
  if ('roots' in capabilities)
    client.setRequestHandler('roots/list', () => {
      noted.asked.push('roots');
      return { roots: ROOTS };
    });
  for (const method of [
    'notifications/message',
    'notifications/tools/list_changed',
    'notifications/prompts/list_changed',
    'notifications/resources/updated',
  ] as const)
    client.setNotificationHandler(
      method,
      ({ params }) => void noted.told.push({ method, params: { ...params } }),
    );
  await client.connect(target === undefined ? new StdioV2(COMMAND) : openHttpV2(target));
  return Object.assign(face, noted, {
    client,
    call: (
      name: string,
      args: JsonObject = {},
      { level, progress }: { level?: string; progress?: (step: number) => void } = {},
    ) =>
      client.callTool(
        {
          name,
          arguments: args,
          ...(level === undefined ? {} : { _meta: { 'io.modelcontextprotocol/logLevel': level } }),
        },
        progress === undefined ? {} : { onprogress: (one) => progress(one.progress) },
      ),
    prompt: (name: string, args: { [name: string]: string } = {}) =>
      client.getPrompt({ name, arguments: args }),
    read: (uri: string) => client.readResource({ uri }),
    lists: async () => ({
      prompts: (await client.listPrompts()).prompts,
      resources: (await client.listResources()).resources,
      templates: (await client.listResourceTemplates()).resourceTemplates,
    }),
    complete: async (ref: Parameters<Face['complete']>[0], name: string, value: string) =>
      (await client.complete({ ref, argument: { name, value } })).completion,
    close: () => client.close(),
  });
}

export async function openV1(target: URL | Guarded | undefined): Promise<V1> {
  const client = new ClientV1(INFO, { capabilities: CAPABILITIES });
  const noted: Noted = { asked: [], told: [] };
  const face = { answer: fill };
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    noted.asked.push(params.message);
    return face.answer(params as Form);
  });
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    noted.asked.push(`sampling ${params.maxTokens}`);
    return PARIS;
  });
  client.setRequestHandler(ListRootsRequestSchema, () => {
    noted.asked.push('roots');
    return { roots: ROOTS };
  });
  for (const schema of [
    LoggingMessageNotificationSchema,
    ToolListChangedNotificationSchema,
    PromptListChangedNotificationSchema,
    ResourceUpdatedNotificationSchema,
  ])
    client.setNotificationHandler(
      schema,
      ({ method, params }) => void noted.told.push({ method, params: { ...params } }),
    );
  let isListening = false;
  const onListening = () => {
    isListening = true;
  };
  const transport = target === undefined ? new StdioV1(COMMAND) : openHttpV1(target, onListening);
  await client.connect(transport as Parameters<ClientV1['connect']>[0]);
  return Object.assign(face, noted, {
    client,
    transport,
    listens: () => until(() => isListening, 'its GET stream is open'),
    call: (name: string, args: JsonObject = {}, { progress }: { progress?: (step: number) => void } = {}) =>
      client.callTool(
        { name, arguments: args },
        undefined,
        progress === undefined ? {} : { onprogress: (one) => progress(one.progress) },
      ),
    prompt: (name: string, args: { [name: string]: string } = {}) =>
      client.getPrompt({ name, arguments: args }),
    read: (uri: string) => client.readResource({ uri }),
    lists: async () => ({
      prompts: (await client.listPrompts()).prompts,
      resources: (await client.listResources()).resources,
      templates: (await client.listResourceTemplates()).resourceTemplates,
    }),
    complete: async (ref: Parameters<Face['complete']>[0], name: string, value: string) =>
      (await client.complete({ ref, argument: { name, value } })).completion,
    close: () => client.close(),
  });
}

/**
 * `initialize`, `server/discover`, `ping` and `logging/setLevel`. The legacy handshake settles a revision but remembers nothing itself:
 * unless the transport keeps sessions, the next request may reach another replica, and it names its revision in a header. A server
 * declares only the capabilities that it has, because clients use nothing else.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 */

import { Fault, invalidParams, mustBe } from '../../fault.js';
import { SUPPORTED } from '../../revisions.js';
import { isRecord, type JsonObject, preview, shorten } from '../../value.js';
import { checkCapabilities, settle } from '../connection.js';
import { type InputRequest, isLogLevel, LOG_LEVELS } from '../definitions.js';
import { capabilityFor } from '../input.js';
import type { McpServer, Method } from '../mcp-server.js';
import { TASKS_EXTENSION } from '../meta.js';
import type { RequestContext } from '../request-context.js';

export const initialize: Method = {
  name: 'initialize',
  eras: ['legacy'],
  run({ request: { params }, context, server }) {
    const { protocolVersion, clientInfo } = params;
    if (typeof protocolVersion !== 'string') {
      return mustBe('params.protocolVersion', 'a string', protocolVersion);
    }
    if (!isRecord(params.capabilities)) {
      return mustBe('params.capabilities', 'an object', params.capabilities);
    }
    if (
      !isRecord(clientInfo) ||
      typeof clientInfo.name !== 'string' ||
      typeof clientInfo.version !== 'string'
    ) {
      return invalidParams(
        `params.clientInfo must have a "name" and a "version", received ${preview(clientInfo)}`,
      );
    }
    const sizeFault = checkCapabilities(params.capabilities, 'params.capabilities');
    if (sizeFault !== undefined) return sizeFault;
    const { name, title, version } = server.info;
    return {
      // The transport has negotiated it (era.ts).
      protocolVersion: context.revision,
      capabilities: capabilities(server, context),
      serverInfo:
        context.features.structured && title !== undefined ? { name, title, version } : { name, version },
      ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
    };
  },
};

export const discover: Method = {
  name: 'server/discover',
  eras: ['modern'],
  run: ({ context, server }) => ({
    supportedVersions: SUPPORTED,
    capabilities: capabilities(server, context),
    ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
    ttlMs: server.settings.listTtlMs,
    // A shared cache must not hold an answer for a caller with a token (2026-07-28/caching/018).
    cacheScope: server.policy === undefined ? 'public' : 'private',
  }),
};

export const ping: Method = { name: 'ping', eras: ['legacy'], run: () => ({}) };

export const setLevel: Method = {
  name: 'logging/setLevel',
  eras: ['legacy'],
  run({ request: { params }, context, server }) {
    const { connection } = context.transport;
    if (!server.logging || connection === undefined) return undefined;
    if (!isLogLevel(params.level)) {
      return mustBe('params.level', `one of ${LOG_LEVELS.join(', ')}`, params.level);
    }
    return settle(connection, { logLevel: params.level });
  },
};

export function capabilities(server: McpServer, context: RequestContext): JsonObject {
  const { era, completions } = context.features;
  // The server declares no notification that it cannot send.
  const listChanged = remembers(context) ? { listChanged: true } : {};
  const offer: JsonObject = { tools: listChanged };
  if (server.prompts !== undefined) offer.prompts = listChanged;
  if (server.resources !== undefined) {
    offer.resources = remembers(context) ? { subscribe: true, ...listChanged } : {};
  }
  if (completions && offersCompletions(server)) offer.completions = {};
  if (server.logging && remembers(context)) offer.logging = {};
  if (server.tasks !== undefined && era === 'modern') offer.extensions = { [TASKS_EXTENSION]: {} };
  return offer;
}

/** Whether a client's settings reach its later requests: modern requests repeat them, legacy ones need a remembered connection. */
export function remembers({ features, transport }: RequestContext): boolean {
  return features.era === 'modern' || transport.connection !== undefined;
}

export function offersCompletions({ prompts, resources }: McpServer): boolean {
  return prompts !== undefined || resources !== undefined;
}

/** The part of `required` that the client did not declare; none if nobody remembers the handshake in which it declared them. */
export function missingCapabilities(
  required: JsonObject | undefined,
  clientCapabilities: JsonObject | undefined,
): JsonObject | undefined {
  if (required === undefined || clientCapabilities === undefined) return undefined;
  const missing: JsonObject = {};
  for (const [name, requirement] of Object.entries(required)) {
    const capability = clientCapabilities[name];
    if (!isRecord(capability)) missing[name] = requirement;
    else if (isRecord(requirement)) {
      const inner = missingCapabilities(requirement, capability);
      if (inner !== undefined) missing[name] = inner;
    }
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}

/** What a client with each capability can do. */
const ABILITIES = new Map([
  ['elicitation', 'show its user a form'],
  ['elicitation.form', 'show its user a form'],
  ['elicitation.url', 'open a page for its user'],
  ['sampling', 'ask its model'],
  ['sampling.tools', 'let its model use tools'],
  ['roots', 'name its folders'],
]);

/** The refusal of a client that lacks what the tool always needs. */
export function missingForTool(tool: string, missing: JsonObject): Fault {
  return missingCapability(`${tool} is for clients that can ${describeLack(missing)}`, missing);
}

/** The refusal of a client that cannot be asked this question. */
export function missingForQuestion(question: InputRequest): Fault {
  return missingCapability(whyUnaskable(question), capabilityFor(question));
}

export function whyUnaskable(question: InputRequest): string {
  return `this call ${describeQuestion(question)}; that needs a client that can ${describeLack(capabilityFor(question))}`;
}

function missingCapability(detail: string, requiredCapabilities: JsonObject): Fault {
  return new Fault('missingCapability', detail, { data: { requiredCapabilities } });
}

function describeQuestion({ method, params }: InputRequest): string {
  if (method === 'roots/list') return 'asks for the folders that the client works in';
  if (method === 'sampling/createMessage') return "has a question for the client's model";
  const words = JSON.stringify(shorten(String(params.message), 200));
  return params.mode === 'url' ? `sends its user to a page, saying ${words}` : `asks ${words}`;
}

function describeLack(missing: JsonObject): string {
  const names = namesOf(missing, '');
  const abilities = new Set(names.map((name) => ABILITIES.get(name) ?? `do what "${name}" names`));
  const noun = names.length === 1 ? 'the capability' : 'the capabilities';
  return `${[...abilities].join(' and ')}, and this one does not declare ${noun} ${names.join(', ')}`;
}

/** `elicitation.url` of `{ elicitation: { url: {} } }`. */
function namesOf(capabilities: JsonObject, prefix: string): string[] {
  return Object.entries(capabilities).flatMap(([name, inner]) =>
    isRecord(inner) && Object.keys(inner).length > 0
      ? namesOf(inner, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );
}

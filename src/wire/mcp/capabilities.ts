/** What the two sides say they can do. A server names only what it really offers: clients use nothing else. */

import { Fault } from '../fault.js';
import { isRecord, type JsonObject, shorten } from '../value.js';
import type { InputRequest } from './definitions.js';
import { capabilityFor } from './input.js';
import type { McpServer } from './mcp-server.js';
import { TASKS_EXTENSION } from './meta.js';
import type { RequestContext } from './request-context.js';

export function capabilities(server: McpServer, exchange: RequestContext): JsonObject {
  const { era, completions } = exchange.features;
  // What cannot be told later is not promised now.
  const listChanged = remembers(exchange) ? { listChanged: true } : {};
  const said: JsonObject = { tools: listChanged };
  if (server.prompts !== undefined) said.prompts = listChanged;
  if (server.resources !== undefined) {
    said.resources = remembers(exchange) ? { subscribe: true, ...listChanged } : {};
  }
  if (completions && completes(server)) said.completions = {};
  if (server.logging && remembers(exchange)) said.logging = {};
  if (server.tasks !== undefined && era === 'modern') said.extensions = { [TASKS_EXTENSION]: {} };
  return said;
}

/**
 * Whether what a client asks for now can hold later: modern requests say it each time, legacy ones need a connection
 * that is remembered.
 */
export function remembers({ features, transport }: RequestContext): boolean {
  return features.era === 'modern' || transport.connection !== undefined;
}

export function completes({ prompts, resources }: McpServer): boolean {
  return prompts !== undefined || resources !== undefined;
}

/**
 * The part of `required` that a client did not declare on this request. In the legacy era capabilities are declared
 * once, in a handshake that is not remembered, so there nothing is held against the caller.
 */
export function missingCapabilities(
  required: JsonObject | undefined,
  declared: JsonObject | undefined,
): JsonObject | undefined {
  if (required === undefined || declared === undefined) return undefined;
  const missing: JsonObject = {};
  for (const [name, wanted] of Object.entries(required)) {
    const given = declared[name];
    if (!isRecord(given)) missing[name] = wanted;
    else if (isRecord(wanted)) {
      const inner = missingCapabilities(wanted, given);
      if (inner !== undefined) missing[name] = inner;
    }
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}

/** What a client with the capability can do. */
const ABILITIES = new Map([
  ['elicitation', 'show its user a form'],
  ['elicitation.form', 'show its user a form'],
  ['elicitation.url', 'open a page for its user'],
  ['sampling', 'ask its model'],
  ['sampling.tools', 'let its model use tools'],
  ['roots', 'name its folders'],
]);

/** That a tool as a whole is for clients with the capabilities. */
export function missingForTool(tool: string, missing: JsonObject): Fault {
  return fault(`${tool} is for clients that can ${lackOf(missing)}`, missing);
}

/** That this very question cannot be asked. */
export function missingForQuestion(question: InputRequest): Fault {
  return fault(unaskable(question), capabilityFor(question));
}

export function unaskable(question: InputRequest): string {
  return `this call ${asks(question)}; that takes a client that can ${lackOf(capabilityFor(question))}`;
}

function fault(detail: string, requiredCapabilities: JsonObject): Fault {
  return new Fault('missingCapability', detail, { data: { requiredCapabilities } });
}

function asks({ method, params }: InputRequest): string {
  if (method === 'roots/list') return 'asks for the folders that the client works in';
  if (method === 'sampling/createMessage') return "has a question for the client's model";
  const words = JSON.stringify(shorten(String(params.message), 200));
  return params.mode === 'url' ? `sends its user to a page, saying ${words}` : `asks ${words}`;
}

function lackOf(missing: JsonObject): string {
  const names = namesOf(missing, '');
  const abilities = new Set(names.map((name) => ABILITIES.get(name) ?? `do what "${name}" names`));
  const noun = names.length === 1 ? 'the capability' : 'the capabilities';
  return `${[...abilities].join(' and ')}, and this one does not declare ${noun} ${names.join(', ')}`;
}

/** `elicitation.url` of `{ elicitation: { url: {} } }`. */
function namesOf(capabilities: JsonObject, above: string): string[] {
  return Object.entries(capabilities).flatMap(([name, inner]) =>
    isRecord(inner) && Object.keys(inner).length > 0
      ? namesOf(inner, `${above}${name}.`)
      : [`${above}${name}`],
  );
}

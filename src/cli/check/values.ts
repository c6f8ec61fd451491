/** The values that transcripts insert: what this server offers, chosen so that nothing is changed. */
import { encode } from '../../wire/mcp/request-headers.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CLIENT, metaOf, type Reply } from './connection.js';
import { argumentsFor } from './generate.js';
import { headerOf } from './problems.js';
import type { Offer } from './report.js';

/** The call that a person asks for. */
export type ChosenCall = { tool: string; arguments: JsonObject | undefined };
export type Call = { tool: JsonObject; arguments: JsonObject };

/** The call to make in this era, or why there is none. */
export function chooseCall({ tools = [] }: Offer, chosenCall?: ChosenCall): Call | { none: string } {
  if (chosenCall !== undefined) {
    const tool = tools.find(({ name }) => name === chosenCall.tool);
    if (tool === undefined) return { none: `the server has no tool ${JSON.stringify(chosenCall.tool)}` };
    const args = chosenCall.arguments ?? argumentsFor(tool.inputSchema);
    return args === undefined
      ? { none: 'no arguments fit its schema; --args gives some' }
      : { tool, arguments: args };
  }
  const calls = tools.filter(isHarmless).flatMap((tool) => {
    // Transcripts mirror no argument into a header.
    if (JSON.stringify(tool.inputSchema ?? {}).includes('"x-mcp-header"')) return [];
    const args = argumentsFor(tool.inputSchema);
    return args === undefined ? [] : [{ tool, arguments: args }];
  });
  calls.sort((one, other) => preference(one) - preference(other));
  return (
    calls[0] ?? {
      none: 'no tool says readOnlyHint without destructiveHint and takes arguments that can be made up; --tool chooses one',
    }
  );
}

/**
 * Lower is better. One argument shows how a wrong one is refused; with more, made-up ones are likelier not to work. What a tool
 * about secrets says should not end up in a report.
 */
function preference(call: Call): number {
  const sensitive = /env|secret|token|key|password|credential/i.test(String(call.tool.name)) ? 100 : 0;
  return sensitive + Object.keys(call.arguments).length + (requiredArgument(call) === undefined ? 10 : 0);
}

/** It says that it only reads, and does not say that it destroys. */
export function isHarmless({ annotations }: JsonObject): boolean {
  return isRecord(annotations) && annotations.readOnlyHint === true && annotations.destructiveHint !== true;
}

/** A prompt with values for its required arguments: one that needs none, if there is one. */
export function choosePrompt({
  prompts = [],
}: Offer): { prompt: JsonObject; arguments: JsonObject } | undefined {
  const all = prompts.map((prompt) => ({ prompt, arguments: promptArguments(prompt) }));
  const size = (one: { arguments: JsonObject }) => Object.keys(one.arguments).length;
  return all.sort((one, other) => size(one) - size(other))[0];
}

export function promptArguments({ arguments: list }: JsonObject): JsonObject {
  const required = (Array.isArray(list) ? list : []).filter((one) => isRecord(one) && one.required === true);
  return Object.fromEntries(required.map(({ name }) => [String(name), 'example']));
}

/** A required argument of the call, to be left out or given another type. */
export function requiredArgument({ tool }: Call): { name: string; wrong: unknown } | undefined {
  const { inputSchema } = tool;
  if (!isRecord(inputSchema) || !isRecord(inputSchema.properties) || !Array.isArray(inputSchema.required))
    return undefined;
  for (const name of inputSchema.required.map(String)) {
    const property = inputSchema.properties[name];
    const type = isRecord(property) ? property.type : undefined;
    if (typeof type !== 'string') continue;
    return { name, wrong: type === 'object' ? 'not an object' : { not: `of the type ${type}` } };
  }
  return undefined;
}

/** What completion is asked for. */
export function completedArgument({ prompts = [] }: Offer): { prompt: string; argument: string } | undefined {
  for (const { name, arguments: list } of prompts) {
    const [first]: unknown[] = Array.isArray(list) ? list : [];
    if (isRecord(first)) return { prompt: String(name), argument: String(first.name) };
  }
  return undefined;
}

/**
 * Where the metadata of a protected resource is, by the challenge or by its well-known address
 * (2026-07-28/authorization-server-discovery/004). Undefined if that is on another host, which nobody asked to be checked.
 */
export function metadataPath(challenge: Reply | undefined, path: string, url?: URL): string | undefined {
  const header = headerOf(challenge?.headers ?? [], 'www-authenticate') ?? '';
  const [, link] = /resource_metadata="?([^",\s]+)/i.exec(header) ?? [];
  if (link === undefined)
    return `/.well-known/oauth-protected-resource${path === '/' ? '' : path.replace(/\?.*/, '')}`;
  if (!URL.canParse(link, url?.href)) return undefined;
  const target = new URL(link, url);
  return url === undefined || target.host === url.host ? `${target.pathname}${target.search}` : undefined;
}

export function valuesFor(
  offer: Offer,
  call: Call | { none: string },
  path: string,
): { [name: string]: unknown } {
  const values: { [name: string]: unknown } = {
    path,
    revision: offer.revision,
    client: CLIENT,
    meta: metaOf(offer.revision),
  };
  if ('tool' in call) {
    const name = String(call.tool.name);
    const required = requiredArgument(call);
    values.tool = name;
    values['tool-header'] = encode(name);
    values['tool-base64'] = Buffer.from(name).toString('base64');
    values.arguments = call.arguments;
    if (required !== undefined)
      values['wrong-arguments'] = { ...call.arguments, [required.name]: required.wrong };
  }
  const prompt = choosePrompt(offer);
  if (prompt !== undefined) {
    values.prompt = String(prompt.prompt.name);
    values['prompt-header'] = encode(String(prompt.prompt.name));
    values['prompt-arguments'] = prompt.arguments;
  }
  const completion = completedArgument(offer);
  if (completion !== undefined) {
    values['completed-prompt'] = completion.prompt;
    values['completed-argument'] = completion.argument;
  }
  const uri = offer.resources?.find((one) => typeof one.uri === 'string')?.uri;
  if (typeof uri === 'string') {
    values.uri = uri;
    values['uri-header'] = encode(uri);
  }
  return values;
}

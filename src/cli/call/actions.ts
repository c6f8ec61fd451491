/** What `call` and `list` do at a server, once they are connected. Each action returns the exit code. */
import { ClientError } from '../../client/index.js';
import { didYouMean } from '../../wire/mcp/nearest.js';
import type { JsonObject } from '../../wire/value.js';
import { readArguments } from './arguments.js';
import { CAPABILITIES, itemsOf } from './catalog.js';
import { type Catalog, catalogLines, serverLines } from './catalog-text.js';
import { checkArguments } from './check-arguments.js';
import { commandLine, exampleCall } from './example.js';
import { EXIT } from './failures.js';
import { type Action, type Part, targetText, WrongUsage } from './invocation.js';
import { jsonLines, promptLines, resourceLines, toolResultLines } from './result-text.js';
import { safeLine } from './safe.js';
import type { ActionContext, CallIo } from './settings.js';
import { showStatus } from './status.js';

export async function runAction(action: Action, context: ActionContext): Promise<number> {
  switch (action.kind) {
    case 'list':
      return list(action.parts, action.all, context);
    case 'overview':
      return overview(context);
    case 'tool':
      return callTool(action.name, action.words, context);
    case 'read':
      return print(await request('resources/read', { uri: action.uri }, context), resourceLines, context);
    case 'prompt':
      return getPrompt(action.name, action.words, context);
  }
}

async function list(parts: readonly Part[], all: boolean, context: ActionContext): Promise<number> {
  const { client, io, json, invocation } = context;
  const catalog: { [Name in Part]?: JsonObject[] } = {};
  for (const part of parts) {
    const declared = client.server.capabilities[CAPABILITIES[part]] !== undefined;
    if (all && !declared) continue;
    if (!declared) io.screen.say(`The server declares no ${CAPABILITIES[part]}.`);
    // A server with resources may know no templates.
    const optional = part === 'templates';
    catalog[part] = declared ? await itemsOf(part, context, optional) : [];
  }
  const { era, revision, server } = client;
  if (json) printJson({ era, revision, server, ...catalog }, io);
  else
    printLines(
      [...serverLines(client, targetText(invocation.target), io.look), ...catalogLines(catalog, io.look)],
      io,
    );
  return EXIT.done;
}

/** Of `call` without a tool. */
async function overview(context: ActionContext): Promise<number> {
  const { client, io, invocation, json } = context;
  const { target } = invocation;
  const declared = client.server.capabilities.tools !== undefined;
  const tools = declared ? await itemsOf('tools', context) : [];
  if (json) {
    printJson({ tools }, io);
    return EXIT.done;
  }
  const catalog: Catalog = { tools };
  const examples = tools.slice(0, 3).map((tool) => `  ${exampleCall(target, tool)}`);
  printLines(
    [
      ...serverLines(client, targetText(target), io.look),
      ...catalogLines(catalog, io.look),
      '',
      ...(examples.length === 0
        ? ['It has no tools.']
        : [io.look.paint('rule', 'Call one of them'), '', ...examples]),
      '',
      `Resources and prompts: ${commandLine('list', target, [])}`,
    ],
    io,
  );
  return EXIT.done;
}

async function callTool(name: string, words: readonly string[], context: ActionContext): Promise<number> {
  const { client, io, invocation, validate } = context;
  const { screen } = io;
  if (client.server.capabilities.tools === undefined) throw new WrongUsage('the server declares no tools');
  const tools = await itemsOf('tools', context);
  const tool = tools.find((one) => one.name === name);
  const names = tools.map((one) => String(one.name));
  if (tool === undefined && validate) throw new WrongUsage(unknownName('tool', name, names));
  const args = await readArguments(words, tool?.inputSchema, io.readStdin);
  if (tool !== undefined && validate)
    checkArguments(tool, args, {
      target: invocation.target,
      look: screen.look,
      warn: (line) => screen.say(line),
    });
  const status = showStatus(screen, safeLine(name, 60), io.now);
  try {
    const { progress, task } = status;
    const result = await client.callTool(name, args, {
      signal: io.signal,
      onProgress: progress,
      onTask: task,
    });
    status.stop();
    return showResult(name, result, context);
  } catch (error) {
    status.stop();
    // What a tool returned is of use, even if it does not match the tool's own output schema.
    if (error instanceof ClientError && error.result !== undefined) showResult(name, error.result, context);
    throw error;
  }
}

/** A failure goes to stderr, because it is not what a pipe waits for; with --json the pipe gets it all. */
function showResult(name: string, result: JsonObject, { io, json }: ActionContext): number {
  const { screen } = io;
  const failed = result.isError === true;
  if (failed) screen.say(screen.look.paint('wrong', `${safeLine(name)} reports an error:`));
  if (json) printJson(result, io);
  else if (failed)
    for (const line of toolResultLines(result, { ...screen.look, exact: false })) screen.say(line);
  else printLines(toolResultLines(result, io.look), io);
  return failed ? EXIT.toolFailed : EXIT.done;
}

async function getPrompt(name: string, words: readonly string[], context: ActionContext): Promise<number> {
  const declared = context.client.server.capabilities.prompts !== undefined;
  const prompts = declared ? await itemsOf('prompts', context) : [];
  const names = prompts.map((one) => String(one.name));
  if (!names.includes(name) && context.validate) throw new WrongUsage(unknownName('prompt', name, names));
  // The arguments of a prompt are texts.
  const schema = { additionalProperties: { type: 'string' } };
  const args = await readArguments(words, schema, context.io.readStdin);
  return print(await request('prompts/get', { name, arguments: args }, context), promptLines, context);
}

function unknownName(what: string, name: string, names: readonly string[]): string {
  const available =
    names.length === 0
      ? `it has no ${what}s`
      : `it has ${names
          .slice(0, 20)
          .map((one) => safeLine(one))
          .join(', ')}`;
  const hint = didYouMean(name, names) || `; ${available}`;
  return `the server has no ${what} ${JSON.stringify(name)}${safeLine(hint, 1_000)}`;
}

function request(method: string, params: JsonObject, { client, io }: ActionContext): Promise<JsonObject> {
  return client.request(method, params, { signal: io.signal });
}

function print(
  result: JsonObject,
  linesOf: (result: JsonObject, look: CallIo['look']) => string[],
  { io, json }: ActionContext,
): number {
  if (json) printJson(result, io);
  else printLines(linesOf(result, io.look), io);
  return EXIT.done;
}

function printJson(value: unknown, io: CallIo): void {
  // A terminal gets it laid out and made safe, a pipe on one line, for jq and its like.
  if (io.look.exact) io.print(JSON.stringify(value));
  else printLines(jsonLines(value, io.look), io);
}

function printLines(lines: readonly string[], io: CallIo): void {
  for (const line of lines) io.print(line);
}

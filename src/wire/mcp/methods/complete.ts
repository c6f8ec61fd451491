/**
 * `completion/complete`: values for an argument of a prompt or a variable of a resource template.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 */
import { Fault } from '../../fault.js';
import { isRecord, type JsonObject, preview } from '../../value.js';
import { checkScope } from '../authority.js';
import { completes } from '../capabilities.js';
import type { Completer } from '../definitions.js';
import type { Call, Method } from '../mcp-server.js';
import { plainCompletions } from '../plain-result.js';
import { isThenable } from '../run-handler.js';

/** 2026-07-28/completion/002. */
const MAX_VALUES = 100;

export const complete: Method = {
  name: 'completion/complete',
  eras: ['modern', 'legacy'],
  offered: completes,
  async run(call) {
    const { request, context, server } = call;
    const { ref, argument, context: others } = request.params;
    if (!isRecord(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string') {
      return new Fault(
        'invalidParams',
        `params.argument must have a "name" and a "value", received ${preview(argument)}`,
      );
    }
    const completer = findCompleter(ref, argument.name, call);
    if (completer instanceof Fault) return completer;
    context.transport.admitted?.();
    const values = completer === undefined ? [] : completer(argument.value, readOthers(others));
    const found = isThenable(values)
      ? await context.bounded(Promise.resolve(values), server.settings.toolDeadlineMs)
      : values;
    const { mask } = context.authorization.decision ?? {};
    const plain = plainCompletions(`the completion of ${preview(argument.name)}`, found);
    const shown = plain.slice(0, MAX_VALUES).map((value) => mask?.(value) ?? value);
    return { completion: { values: shown, total: plain.length, hasMore: plain.length > shown.length } };
  },
};

function findCompleter(ref: unknown, name: string, call: Call): Completer | Fault | undefined {
  const { prompts, resources } = call.server;
  if (isRecord(ref) && ref.type === 'ref/prompt' && typeof ref.name === 'string') {
    const prompt = prompts?.get(ref.name);
    if (prompt === undefined)
      return new Fault('invalidParams', `params.ref: no such prompt: ${preview(ref.name)}`);
    const refused = checkScope(prompt.scope, call);
    if (refused !== undefined) return refused;
    const argument = prompt.arguments?.find((one) => one.name === name);
    if (argument === undefined)
      return new Fault('invalidParams', `${ref.name} has no argument ${preview(name)}`);
    return argument.complete;
  }
  if (isRecord(ref) && ref.type === 'ref/resource' && typeof ref.uri === 'string') {
    const template = resources?.template(ref.uri);
    if (template === undefined)
      return new Fault('invalidParams', `params.ref: no such template: ${preview(ref.uri)}`);
    const refused = checkScope(template.scope, call);
    if (refused !== undefined) return refused;
    const { complete: completers = {} } = template;
    return Object.hasOwn(completers, name) ? completers[name] : undefined;
  }
  return new Fault(
    'invalidParams',
    `params.ref must be a ref/prompt with "name" or a ref/resource with "uri", received ${preview(ref)}`,
  );
}

function readOthers(others: unknown): { [name: string]: string } {
  const given: JsonObject = isRecord(others) && isRecord(others.arguments) ? others.arguments : {};
  const texts = Object.entries(given).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

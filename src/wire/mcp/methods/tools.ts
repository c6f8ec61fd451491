/**
 * `tools/list` and `tools/call`. Where a policy decides about calls, each listed tool says in `_meta` which scopes a call needs and
 * whether this caller has them, by the predicate that decides the call.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools
 */

import { Fault } from '../../fault.js';
import { problemText } from '../../schema/problem.js';
import { isRecord, type JsonObject } from '../../value.js';
import { authorize, noSuchTool, refusal, refuses } from '../authority.js';
import { runCall } from '../call.js';
import type { Call, Method, ToolCall } from '../mcp-server.js';
import { type Listing, listPage } from '../page.js';
import { invalidParams, mustBe } from '../params.js';
import { failed } from '../result.js';
import { missingCapabilities, missingForTool } from './lifecycle.js';

/** In a listed tool's `_meta`: `{ scopes, granted }`. The prefix is this project's own (2026-07-28/basic/051). */
export const ACCESS = 'barewire/access';

export const toolsList: Method = {
  name: 'tools/list',
  eras: ['modern', 'legacy'],
  run(call) {
    const { context, server } = call;
    const listing: Listing<JsonObject> = {
      name: 'tools',
      items: server.catalog.listed(context.revision),
      keyOf: ({ name }) => String(name),
      placeOf: server.catalog.placeOf,
    };
    const page = listPage(listing, call);
    if (page instanceof Fault) return page;
    return { ...page, tools: withAccess(page.tools as JsonObject[], call) };
  },
};

// `_meta` on tools came with 2025-06-18. Only for what is shown: a page costs the same, however long the list is.
function withAccess(listed: readonly JsonObject[], { context, server }: Call): readonly JsonObject[] {
  const { policy, catalog } = server;
  if (policy === undefined || !context.features.structured) return listed;
  return listed.map((item) => {
    const tool = catalog.get(String(item.name))?.tool;
    if (tool === undefined) return item;
    const _meta = isRecord(item._meta) ? item._meta : {};
    return { ...item, _meta: { ..._meta, [ACCESS]: policy.access(tool, context.caller.principal) } };
  });
}

/**
 * `tools/call`: the call is read, policy decides, its arguments are checked against the schema, the tool runs.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
 */
export const toolsCall: Method = {
  name: 'tools/call',
  eras: ['modern', 'legacy'],
  async run(received) {
    const call = readCall(received);
    if (call instanceof Fault) return call;
    const decision = await authorize(call);
    if (decision instanceof Fault) return decision;
    if (decision === undefined || !refuses(decision)) return validateCall(call) ?? runCall(call);
    const { approvals } = call.server;
    if (decision.approvable !== true || approvals === undefined) return refusal(decision, call.context);
    // Nobody is asked about a call that could not run.
    return validateCall(call) ?? approvals.run(call, decision);
  },
};

/** Reads the tool and its arguments, and notes both as the subject before anything is checked. */
function readCall({ request, context, server }: Call): ToolCall | Fault {
  const { name, arguments: given } = request.params;
  if (typeof name !== 'string') return mustBe('params.name', 'a string', name);
  const { strictArguments } = server.settings;
  const entry = server.catalog.get(name);
  const sent = given === undefined || (given === null && !strictArguments) ? {} : given;
  // Before anybody decides about them, and before any digest: a member that was not given makes no other call.
  const args = isRecord(sent) && entry !== undefined && !strictArguments ? entry.withoutNulls(sent) : sent;
  context.subject = isRecord(args)
    ? { target: name, args, destructive: entry?.tool.destructive }
    : { target: name };
  if (entry === undefined) return noSuchTool(name, server);
  if (!isRecord(args)) return mustBe('params.arguments', 'an object', sent);
  if (given === undefined || args === given) return { entry, args, request, context, server };
  // As it was read, so that the state of a call's rounds is bound to the same arguments, too.
  const params = { ...request.params, arguments: given === null ? undefined : args };
  return { entry, args, request: { ...request, params }, context, server };
}

/** The answer to a call that cannot run as it is: a refusal, or a result that says so where the revision wants one. */
function validateCall({ entry, args, context }: ToolCall): JsonObject | Fault | undefined {
  const { requires, name } = entry.tool;
  const missing = requires && missingCapabilities(requires, context.caller.capabilities);
  if (missing !== undefined) return missingForTool(name, missing);
  const problem = entry.checkArguments(args);
  if (problem === undefined) return undefined;
  const text = `arguments do not match the schema of ${name}: ${problemText(problem)}`;
  return context.features.badArguments === 'error'
    ? invalidParams(text, problem)
    : failed(text, context.features);
}

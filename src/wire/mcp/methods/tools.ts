/**
 * `tools/list`: the tools in the order of registration, a page at a time. Where a policy decides about calls, each tool
 * says in `_meta` which scopes a call needs and whether this caller has them, by the predicate that decides the call.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#listing-tools
 */

import { Fault } from '../../fault.js';
import type { Request } from '../../jsonrpc/message.js';
import { problemText } from '../../schema/problem.js';
import { isRecord, type JsonObject, preview } from '../../value.js';
import type { Decision } from '../audit-context.js';
import { authorize, findTool, refusal, refuses } from '../authority.js';
import { runCall } from '../call.js';
import { missingCapabilities, missingForTool } from '../capabilities.js';
import type { Call, McpServer, Method } from '../mcp-server.js';
import type { Listing } from '../page.js';
import type { RequestContext } from '../request-context.js';
import { validateParamHeaders } from '../request-headers.js';
import { isThenable } from '../run-handler.js';
import { failed } from '../shape.js';
import { listPage } from './list.js';

/** In a listed tool's `_meta`: `{ scopes, granted }`. The prefix is this project's own (2026-07-28/basic/051). */
export const ACCESS = 'barewire/access';

export const toolsList: Method = {
  name: 'tools/list',
  eras: ['modern', 'legacy'],
  handle(request, exchange, server) {
    const { catalog } = server;
    const listing: Listing<JsonObject> = {
      name: 'tools',
      items: catalog.listed(exchange.revision),
      keyOf: ({ name }) => String(name),
      placeOf: catalog.placeOf,
    };
    const page = listPage(listing, request, exchange, server);
    return { ...page, tools: withAccess(page.tools as JsonObject[], exchange, server) };
  },
};

// `_meta` on tools came with 2025-06-18. Only for what is shown: a page costs the same, however long the list is.
function withAccess(
  listed: readonly JsonObject[],
  { features, caller }: RequestContext,
  { policy, catalog }: McpServer,
): readonly JsonObject[] {
  if (policy === undefined || !features.structured) return listed;
  return listed.map((item) => {
    const tool = catalog.get(String(item.name))?.tool;
    if (tool === undefined) return item;
    const _meta = isRecord(item._meta) ? item._meta : {};
    return { ...item, _meta: { ..._meta, [ACCESS]: policy.access(tool, caller.principal) } };
  });
}

export const toolsCall: Method = {
  name: 'tools/call',
  eras: ['modern', 'legacy'],
  handle(request, exchange, server) {
    const call = readCall(request, exchange, server);
    const decision = authorize(call);
    return isThenable(decision)
      ? decision.then((made) => applyDecision(made, call))
      : applyDecision(decision, call);
  },
};

/** The call once policy has spoken: refused, or left to a person, or its arguments looked at and the tool run. */
function applyDecision(decision: Decision | undefined, call: Call): JsonObject | Promise<JsonObject> {
  const { exchange, server } = call;
  if (decision === undefined || !refuses(decision)) return validateCall(call) ?? runCall(call);
  if (decision.approvable !== true || server.approvals === undefined) throw refusal(decision, exchange);
  // Nobody is asked about a call that could not run.
  return validateCall(call) ?? server.approvals.run(call, decision);
}

/** What is said of a call that cannot run as it is. @throws Fault, where the revision has it so */
function validateCall({ entry, args, exchange }: Call): JsonObject | undefined {
  const { requires, name } = entry.tool;
  const missing = missingCapabilities(requires, exchange.caller.capabilities);
  if (missing !== undefined) throw missingForTool(name, missing);
  const problem = entry.checkArguments(args);
  if (problem === undefined) return undefined;
  const text = `arguments do not match the schema of ${name}: ${problemText(problem)}`;
  if (exchange.features.badArguments === 'error') throw new Fault('invalidParams', text, { data: problem });
  return failed(text, exchange.features);
}

function readCall(request: Request, exchange: RequestContext, server: McpServer): Call {
  const { name, arguments: given } = request.params;
  if (typeof name !== 'string')
    throw new Fault('invalidParams', `params.name must be a string, received ${preview(name)}`);
  const { audit } = exchange;
  audit.target = name;
  const { strictArguments } = server.settings;
  const sent = given === undefined || (given === null && !strictArguments) ? {} : given;
  // Of a call of nothing, too, it is known what it was meant to be given.
  if (isRecord(sent)) audit.args = sent;
  const entry = findTool(name, server);
  if (!isRecord(sent))
    throw new Fault('invalidParams', `params.arguments must be an object, received ${preview(sent)}`);
  // Before anybody decides about them, and before any digest: what was not given makes no other call.
  const args = strictArguments ? sent : entry.withoutNulls(sent);
  audit.args = args;
  audit.destructive = entry.tool.destructive;
  const { headers } = exchange.transport;
  if (headers !== undefined && exchange.features.era === 'modern') {
    const fault = validateParamHeaders(entry.mirrored, args, headers);
    if (fault !== undefined) throw fault;
  }
  if (given === undefined || args === given) return { entry, args, request, exchange, server };
  // As it was read, so that the state of a call's rounds is bound to the same arguments, too.
  const params = { ...request.params, arguments: given === null ? undefined : args };
  return { entry, args, request: { ...request, params }, exchange, server };
}

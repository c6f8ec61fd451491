/**
 * Opens a call: from a request whose revision is known to what the methods work with. HTTP and stdio are the same from here on.
 */
import { Fault } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { features, type Revision } from '../revisions.js';
import type { Call, McpServer } from './mcp-server.js';
import { legacyCaller, metaOf, modernCaller } from './meta.js';
import { RequestContext } from './request-context.js';
import { validateRequestHeaders } from './request-headers.js';
import type { Transport } from './transport.js';

/** The call, or the refusal of a request whose headers or `_meta` are not in order. */
export function openCall(
  server: McpServer,
  request: Request,
  revision: Revision,
  principal: Principal,
  transport: Transport,
): Call | Fault {
  const { headers, connection } = transport;
  const modern = features(revision).era === 'modern';
  if (modern && headers !== undefined) {
    const { name } = request.params;
    const mirrored = typeof name === 'string' ? server.catalog.get(name)?.mirrored : undefined;
    const mismatch = validateRequestHeaders(request, headers, mirrored);
    if (mismatch !== undefined) return mismatch;
  }
  const meta = metaOf(request.params);
  const caller = modern ? modernCaller(principal, meta) : legacyCaller(principal, meta, connection);
  if (caller instanceof Fault) return caller;
  return { request, server, context: new RequestContext(request.id, revision, caller, transport) };
}

/** What an approval is bound to: who asks which server for which tool with which arguments, compared as canonical JSON. */

import { hash } from 'node:crypto';
import { canonicalJson } from '../../wire/jsonrpc/canonical.js';
import type { Principal } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import type { Binding } from './approval.js';

export type Call = { tool: string; principal: Principal; args: JsonObject; reason: string };

export function bindingOf(server: string, { tool, principal, args }: Call): Binding {
  const { issuer, tenant, user, clientId } = principal;
  return { server, tool, issuer, tenant, user, clientId, digest: hash('sha256', canonicalJson(args)) };
}

/** Under which an approval is kept: the members of the binding and no others, whatever else the object has. */
export function keyOf({ server, tool, issuer, tenant, user, clientId, digest }: Binding): string {
  return hash('sha256', canonicalJson([server, tool, issuer, tenant, user, clientId, digest]));
}

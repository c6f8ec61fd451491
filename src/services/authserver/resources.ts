/**
 * The resource servers that this server issues tokens for, and the scopes of each.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
import { errors } from 'oidc-provider';
import { DECIDES } from '../../governance/approval/addresses.js';
import { canonicalResource } from '../../oauth/audience.js';
import { APPROVED } from '../../oauth/scopes.js';

export type ProtectedTool = {
  name: string;
  title: string;
  description: string;
  scope: string;
  destructive: boolean;
};

export type ProtectedResource = {
  /** Its resource identifier, e.g. http://localhost:3000/mcp: the audience of its tokens. */
  resource: string;
  /** Display name. */
  name: string;
  tools: readonly ProtectedTool[];
  /** Scopes besides those of its tools. */
  scopes?: readonly string[];
  /** Default: `jwt`. An opaque token has to be introspected. */
  tokenFormat?: 'jwt' | 'opaque';
};

/** Called for each request, because the resources may become known after this server has started. */
export type Resources = () => readonly ProtectedResource[];

/** @throws InvalidTarget */
export function requireResource(resources: Resources, identifier: string): ProtectedResource {
  const wanted = canonicalResource(identifier);
  const all = resources();
  const match =
    wanted === undefined ? undefined : all.find(({ resource }) => canonicalResource(resource) === wanted);
  if (match !== undefined) return match;
  const names = all.map(({ resource }) => resource).join(', ') || 'none';
  throw new errors.InvalidTarget(`no resource ${printable(identifier)} here; there is: ${names}`);
}

/** error_description is ASCII without quotes (RFC 6749, section 5.2), and a URL parser escapes the rest. */
export function printable(identifier: string): string {
  return URL.canParse(identifier) ? new URL(identifier).href : 'of that name';
}

/** Without duplicates. There are approval scopes only where a tool changes something. */
export function scopesOf({ tools, scopes = [] }: ProtectedResource): string[] {
  const approval = changesState({ tools }) ? [APPROVED, DECIDES] : [];
  return [...new Set([...tools.map(({ scope }) => scope), ...scopes, ...approval])];
}

export function changesState({ tools }: Pick<ProtectedResource, 'tools'>): boolean {
  return tools.some(({ destructive }) => destructive);
}

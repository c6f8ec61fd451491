/**
 * The resource servers that tokens are issued for, and the scopes that each of them knows. Which of a request's
 * scopes are good is said in asked.ts; what a person is told about them is in consent.ts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
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
  /** For people. */
  name: string;
  tools: readonly ProtectedTool[];
  /** Scopes besides those of its tools. */
  scopes?: readonly string[];
  /** A JWT unless said otherwise; an opaque token has to be introspected. */
  tokenFormat?: 'jwt' | 'opaque';
};

/** Asked anew for each request: what there is to protect may be known later than this server starts. */
export type Resources = () => readonly ProtectedResource[];

export function findResource(resources: Resources, identifier: string): ProtectedResource | undefined {
  const wanted = canonicalResource(identifier);
  if (wanted === undefined) return undefined;
  return resources().find(({ resource }) => canonicalResource(resource) === wanted);
}

/** Each once. Only where a tool changes something is there anything for a person to approve. */
export function scopesOf({ tools, scopes = [] }: ProtectedResource): string[] {
  const approval = changesState({ tools }) ? [APPROVED, DECIDES] : [];
  return [...new Set([...tools.map(({ scope }) => scope), ...scopes, ...approval])];
}

export function changesState({ tools }: Pick<ProtectedResource, 'tools'>): boolean {
  return tools.some(({ destructive }) => destructive);
}

/** The tools that one of these scopes opens. */
export function toolsFor({ tools }: ProtectedResource, scopes: readonly string[]): ProtectedTool[] {
  return tools.filter(({ scope }) => scopes.includes(scope));
}

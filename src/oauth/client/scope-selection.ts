/**
 * Which scopes to request.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#scope-selection-strategy
 */
export type ScopeFacts = {
  /** The server knows the token, and wants more scopes. */
  isStepUp: boolean;
  /** What the person chose. */
  configured: readonly string[] | undefined;
  /** What the server says that the request needs. */
  challenged: readonly string[];
  /** What earlier requests for tokens had. */
  earlier: readonly string[];
  /** `scopes_supported` of the resource, and of an authorization server that a person signs in at. */
  ofResource: readonly string[] | undefined;
  ofServer: readonly string[] | undefined;
};

const OFFLINE = 'offline_access';

/** The challenged scopes, else all of the resource's, and never less than before (2026-07-28/authorization/019, /055). Empty: name none. */
export function selectScopes(facts: ScopeFacts): string[] {
  const { isStepUp, configured, challenged, earlier, ofResource, ofServer } = facts;
  const requestedScopes = challenged.length > 0 ? challenged : (ofResource ?? []);
  const first = isStepUp ? requestedScopes : (configured ?? requestedScopes);
  const scopes = new Set([...earlier.filter((scope) => scope !== OFFLINE), ...first]);
  // Alone it would replace the default scopes.
  if (scopes.size > 0 && ofServer?.includes(OFFLINE) === true) scopes.add(OFFLINE);
  return [...scopes];
}

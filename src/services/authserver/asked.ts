/**
 * What a request may ask for. Every scope has to be known to one of the resources that the request names; one that is
 * not is refused by name rather than left out in silence. Nobody but a person can give a person's approval, and nobody
 * but the approval pages is given what decides on one: a client that could would approve its own calls.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 */
import { errors } from 'oidc-provider';
import { APPROVALS_CLIENT, DECIDES } from '../../governance/approval/addresses.js';
import { READ_PERSONAL_DATA } from '../../governance/policy/columns.js';
import { APPROVED } from '../../oauth/scopes.js';
import { findResource, type ProtectedResource, type Resources, scopesOf } from './resources.js';

/** Of OpenID Connect, and so of no resource. */
export const OPENID_SCOPES: readonly string[] = ['openid', 'offline_access'];

export type TokenRequest = {
  scopes: readonly string[];
  /** Identifiers, as the request wrote them. */
  resources: readonly string[];
  /** True when a client asks for itself, with no person about (client_credentials). */
  alone: boolean;
  clientId: string | undefined;
};

/** @throws InvalidTarget, InvalidScope */
export function checkScopes(resources: Resources, asked: TokenRequest): void {
  const { scopes, resources: identifiers, alone, clientId } = asked;
  if (alone && scopes.includes(APPROVED)) {
    throw new errors.InvalidScope(
      `${APPROVED} is a person's to give, and client_credentials asks nobody: use the device flow or the authorization code flow`,
      APPROVED,
    );
  }
  if (scopes.includes(DECIDES) && clientId !== APPROVALS_CLIENT) {
    throw new errors.InvalidScope(
      `${DECIDES} is given to a person on the approval pages only (client ${APPROVALS_CLIENT})`,
      DECIDES,
    );
  }
  const known = identifiers.flatMap((identifier) => scopesOf(requireResource(resources, identifier)));
  const also = alone ? [] : OPENID_SCOPES;
  const unknown = scopes.filter((scope) => !known.includes(scope) && !also.includes(scope));
  if (unknown.length === 0) return;
  const where = identifiers.length === 0 ? 'no resource here' : identifiers.map(shown).join(' and ');
  const has = known.length === 0 ? '' : `, which has: ${known.join(' ')}`;
  throw new errors.InvalidScope(`${unknown.join(' ')} is unknown to ${where}${has}`, unknown.join(' '));
}

/** @throws InvalidTarget */
export function requireResource(resources: Resources, identifier: string): ProtectedResource {
  const found = findResource(resources, identifier);
  if (found !== undefined) return found;
  const known = resources().map(({ resource }) => resource);
  throw new errors.InvalidTarget(
    `no resource ${shown(identifier)} here; there is: ${known.join(', ') || 'none'}`,
  );
}

/**
 * The resource that a request means which names none: the only one that knows all of its scopes.
 *
 * @throws InvalidTarget when several do.
 */
export function inferResource(resources: Resources, scopes: readonly string[]): string | undefined {
  const own = scopes.filter((scope) => !OPENID_SCOPES.includes(scope));
  if (own.length === 0) return undefined;
  const able = resources().filter((one) => own.every((scope) => scopesOf(one).includes(scope)));
  if (able.length < 2) return able[0]?.resource;
  throw new errors.InvalidTarget(
    `say which resource the token is for: ${able.map(({ resource }) => resource).join(' or ')}`,
  );
}

/** Everything but what has to be asked for by its name: a person's approval, what decides on one, and personal data. */
export function defaultScopes(resource: ProtectedResource): string[] {
  return scopesOf(resource).filter((scope) => !BY_NAME.includes(scope));
}

const BY_NAME: readonly string[] = [APPROVED, DECIDES, READ_PERSONAL_DATA];

// error_description is ASCII without quotes (RFC 6749, section 5.2), and a URL parser escapes the rest.
function shown(identifier: string): string {
  return URL.canParse(identifier) ? new URL(identifier).href : 'of that name';
}

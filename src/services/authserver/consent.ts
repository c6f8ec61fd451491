/**
 * What a person is asked to allow, and the grant that their click makes. The page and the grant are read from the same
 * request, so a grant contains only what the page showed. Only the approving click makes a grant with an approval, so the
 * grant's `iat` is the moment of approval, in every token that follows from it.
 */
import type { Client, Grant, Interaction, Provider } from 'oidc-provider';
import { isLoopback } from '../../oauth/protected-resource.js';
import { APPROVED } from '../../oauth/scopes.js';
import { replaceUnseen } from '../../pages/unseen.js';
import { shorten } from '../../wire/value.js';
import {
  type ProtectedResource,
  type ProtectedTool,
  type Resources,
  requireResource,
  scopesOf,
} from './resources.js';
import { OPENID_SCOPES } from './targets.js';

export type RequestedScope = { scope: string; tools: readonly ProtectedTool[]; isNew: boolean };

export type Requester = {
  name: string;
  clientId: string;
  /** The host of the client's metadata document, when its id is an address. */
  clientHost?: string;
  /** Where the answer goes; undefined for a device, which fetches it. */
  redirectHost?: string;
  /** Any program on this machine can listen there and use any name. */
  loopbackOnly: boolean;
};

export type ConsentRequest = {
  requester: Requester;
  resources: readonly {
    resource: ProtectedResource;
    identifier: string;
    scopes: readonly RequestedScope[];
  }[];
  openid: readonly RequestedScope[];
  /** The tools that the approval would open; undefined when no approval is requested. */
  approves?: readonly ProtectedTool[];
};

export function readConsentRequest(
  interaction: Interaction,
  client: Client,
  storedGrant: Grant | undefined,
  resources: Resources,
): ConsentRequest {
  const scopes = texts(interaction.params.scope).flatMap(words);
  const requested = texts(interaction.params.resource).map((identifier) => {
    const resource = requireResource(resources, identifier);
    const granted = words(storedGrant?.getResourceScope(identifier));
    return {
      resource,
      identifier,
      scopes: scopes
        .filter((scope) => scopesOf(resource).includes(scope))
        .map((scope) => ({
          scope,
          tools: resource.tools.filter((tool) => tool.scope === scope),
          isNew: scope === APPROVED || !granted.includes(scope),
        })),
    };
  });
  const granted = words(storedGrant?.getOIDCScope());
  const all = requested.flatMap((one) => one.scopes);
  const approves = requested.flatMap(({ resource: { tools } }) =>
    tools.filter(({ scope, destructive }) => destructive && scopes.includes(scope)),
  );
  return {
    requester: readRequester(interaction, client),
    resources: requested,
    openid: scopes
      .filter((scope) => OPENID_SCOPES.includes(scope))
      .map((scope) => ({ scope, tools: [], isNew: !granted.includes(scope) })),
    ...(all.some(({ scope }) => scope === APPROVED) ? { approves } : {}),
  };
}

/** Saves a new grant with the earlier scopes, except approvals, and the requested ones. Returns its id. */
export async function saveGrant(
  provider: Provider,
  { resources, openid }: ConsentRequest,
  owner: { accountId: string; clientId: string },
  storedGrant: Grant | undefined,
): Promise<string> {
  const grant = new provider.Grant(owner);
  for (const [identifier, scope] of Object.entries(storedGrant?.resources ?? {})) {
    const earlier = words(scope).filter((one) => one !== APPROVED);
    grant.addResourceScope(identifier, earlier);
  }
  for (const { identifier, scopes } of resources) {
    const requested = scopes.map(({ scope }) => scope);
    grant.addResourceScope(identifier, requested);
  }
  grant.addOIDCScope([...words(storedGrant?.getOIDCScope()), ...openid.map(({ scope }) => scope)]);
  return grant.save();
}

function readRequester({ params, deviceCode }: Interaction, client: Client): Requester {
  const [redirect] = deviceCode === undefined ? texts(params.redirect_uri) : [];
  const registered = client.redirectUris ?? [];
  return {
    name: clientNameOf(client),
    clientId: client.clientId,
    ...(URL.canParse(client.clientId) ? { clientHost: new URL(client.clientId).host } : {}),
    ...(redirect === undefined ? {} : { redirectHost: new URL(redirect).host }),
    loopbackOnly: registered.length > 0 && registered.every((uri) => isLoopback(new URL(uri).hostname)),
  };
}

/** A stranger chose the name: invisible characters and those that reverse text are removed, and it is cut. */
export function clientNameOf({ clientName = '', clientId }: Client): string {
  const plain = replaceUnseen(clientName, () => '').trim();
  return shorten(plain === '' ? clientId : plain, 80);
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter(Boolean);
}

function texts(value: unknown): string[] {
  return [value].flat().filter((one) => typeof one === 'string');
}

/**
 * What a person is asked to allow, and the grant that their click makes. The page and the grant are read from the same
 * request, so nothing is granted that was not shown. A grant that holds an approval is made by the click that approves
 * and by nothing else: its `iat` is the moment of approval, in every token that follows from it.
 */
import type { Client, Grant, Interaction, Provider } from 'oidc-provider';
import { isLoopback } from '../../oauth/protected-resource.js';
import { APPROVED } from '../../oauth/scopes.js';
import { replaceUnseen } from '../../pages/unseen.js';
import { shorten } from '../../wire/value.js';
import { OPENID_SCOPES, requireResource } from './asked.js';
import {
  type ProtectedResource,
  type ProtectedTool,
  type Resources,
  scopesOf,
  toolsFor,
} from './resources.js';

export type RequestedScope = { scope: string; tools: readonly ProtectedTool[]; isNew: boolean };

export type Requester = {
  name: string;
  clientId: string;
  /** Where the client's own description was read, when its id is an address. */
  clientHost?: string;
  /** Where the answer goes; undefined for a device, which fetches it. */
  redirectHost?: string;
  /** Any program on this machine can listen there and call itself what it likes. */
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
  /** What the approval would let happen; undefined when none is asked for. */
  approves?: readonly ProtectedTool[];
};

export function readConsentRequest(
  interaction: Interaction,
  client: Client,
  held: Grant | undefined,
  resources: Resources,
): ConsentRequest {
  const scopes = texts(interaction.params.scope).flatMap((text) => text.split(' '));
  const found = texts(interaction.params.resource).map((identifier) => {
    const resource = requireResource(resources, identifier);
    const before = words(held?.getResourceScope(identifier));
    const asked = scopes.filter((scope) => scopesOf(resource).includes(scope));
    return {
      resource,
      identifier,
      scopes: asked.map((scope) => ({
        scope,
        tools: toolsFor(resource, [scope]),
        isNew: scope === APPROVED || !before.includes(scope),
      })),
    };
  });
  const before = words(held?.getOIDCScope());
  const openid = scopes
    .filter((scope) => OPENID_SCOPES.includes(scope))
    .map((scope) => ({ scope, tools: [], isNew: !before.includes(scope) }));
  const asksApproval = found.some(({ scopes }) => scopes.some(({ scope }) => scope === APPROVED));
  const approves = found.flatMap(({ resource }) =>
    toolsFor(resource, scopes).filter(({ destructive }) => destructive),
  );
  return {
    requester: readRequester(interaction, client),
    resources: found,
    openid,
    ...(asksApproval ? { approves } : {}),
  };
}

/** Saves a new grant: all that was granted before but approvals, and all that was asked now. Gives its id. */
export async function saveGrant(
  provider: Provider,
  { resources, openid }: ConsentRequest,
  whose: { accountId: string; clientId: string },
  held: Grant | undefined,
): Promise<string> {
  const grant = new provider.Grant(whose);
  for (const [identifier, scope] of Object.entries(held?.resources ?? {})) {
    grant.addResourceScope(
      identifier,
      words(scope).filter((one) => one !== APPROVED),
    );
  }
  for (const { identifier, scopes } of resources) {
    grant.addResourceScope(
      identifier,
      scopes.map(({ scope }) => scope),
    );
  }
  grant.addOIDCScope([...words(held?.getOIDCScope()), ...openid.map(({ scope }) => scope)]);
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

/** A stranger chose it: nothing invisible is in it, nothing that turns the text around, and not too much. */
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

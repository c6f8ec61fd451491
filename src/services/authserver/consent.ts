/**
 * What a person is asked to allow, the page that asks, and the grant that their click makes. Page and grant
 * are read from the same request, so a grant contains only what the page showed. Only the approving click
 * makes a grant with an approval, so its `iat` is the moment of approval, in every token that follows.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/security-considerations
 */
import type { Client, Grant, Interaction, Provider } from 'oidc-provider';
import { DECIDES } from '../../governance/approval/addresses.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import { APPROVED } from '../../oauth/scopes.js';
import type { Page } from '../../pages/bar.js';
import { type Html, html } from '../../pages/html.js';
import { replaceUnseen } from '../../pages/unseen.js';
import { shorten } from '../../wire/value.js';
import { REGISTRY_WRITE } from '../registry/token-names.js';
import { hiddenInputs, page } from './pages.js';
import { OPENID_SCOPES, type ProtectedTool, type Resources, requireResource, scopesOf } from './resources.js';

type RequestedScope = { scope: string; tools: readonly ProtectedTool[]; isNew: boolean };
type Asking = { interaction: Interaction; client: Client };
export type ConsentRequest = ReturnType<typeof readConsentRequest>;

export function readConsentRequest(
  { interaction: { params }, resources }: Asking & { resources: Resources },
  grant: Grant | undefined,
) {
  const scopes = texts(params.scope).flatMap(words);
  const requestedResources = texts(params.resource).map((identifier) => {
    const resource = requireResource(resources, identifier);
    const grantedScopes = words(grant?.getResourceScope(identifier));
    const ofResource = scopes.filter((scope) => scopesOf(resource).includes(scope));
    return {
      resource,
      identifier,
      scopes: ofResource.map(
        (scope): RequestedScope => ({
          scope,
          tools: resource.tools.filter((tool) => tool.scope === scope),
          isNew: scope === APPROVED || !grantedScopes.includes(scope),
        }),
      ),
    };
  });
  const grantedScopes = words(grant?.getOIDCScope());
  const openid = scopes.filter((scope) => OPENID_SCOPES.includes(scope));
  const approves = requestedResources.flatMap(({ resource: { tools } }) =>
    tools.filter(({ scope, destructive }) => destructive && scopes.includes(scope)),
  );
  const asksApproval = requestedResources.some((one) => one.scopes.some(({ scope }) => scope === APPROVED));
  return {
    resources: requestedResources,
    openid: openid.map((scope) => ({ scope, isNew: !grantedScopes.includes(scope) })),
    /** The tools that the approval would open; undefined when no approval is requested. */
    approves: asksApproval ? approves : undefined,
  };
}

const OPENID_WORDS: ReadonlyMap<string, string> = new Map([
  ['openid', 'Know your e-mail address'],
  ['offline_access', 'Keep its access while you are away'],
]);

/** Descriptions of scopes that open no tool. */
const SCOPE_WORDS: ReadonlyMap<string, string> = new Map([
  [DECIDES, 'Approve or refuse, in your name, what programs of your organisation want to change'],
  [REGISTRY_WRITE, 'Add servers to the registry, switch them and their tools on and off, and accept changes'],
]);

/** The client comes first, described by what can be checked. An approval is requested tool by tool. */
export function consentPage(
  { interaction, client }: Asking,
  csrf: string,
  person: string,
  { resources, openid, approves }: ConsentRequest,
): Page {
  const name = clientNameOf(client);
  const title = approves ? `Approve what “${name}” wants to do?` : `Allow access for “${name}”?`;
  return page(
    title,
    html`${requester(interaction, client)}
${approves && approval(approves)}
${resources.map(
  ({ resource, scopes }) =>
    html`<h2>At ${resource.name}</h2>
<p class="soft"><code>${resource.resource}</code></p>
<ul>${scopes.filter(({ scope }) => scope !== APPROVED).map(scopeItem)}</ul>`,
)}
${openid.length > 0 && html`<h2>About you</h2><ul>${openid.map(({ scope, isNew }) => html`<li>${OPENID_WORDS.get(scope) ?? scope} ${badge(isNew)}</li>`)}</ul>`}
<p class="soft">You are signed in as <strong>${person}</strong>. Not you? <a href="/signout">Sign out</a>, and start again.</p>
<form method="post" action="/interaction/${interaction.uid}">
${hiddenInputs({ csrf, login: person })}
<div class="actions">
<button class="btn go" name="do" value="allow">${approves ? 'Approve' : 'Allow'}</button>
<button class="btn" name="do" value="deny">Deny</button>
</div>
</form>`,
  );
}

function requester({ params, deviceCode }: Interaction, client: Client): Html {
  const { clientId, redirectUris = [] } = client;
  const [redirect] = deviceCode === undefined ? texts(params.redirect_uri) : [];
  const target = redirect
    ? html`<strong>${new URL(redirect).host}</strong>`
    : 'the device or terminal that showed you the code';
  // Then any program on this machine can listen there and use any name.
  const loopbackOnly =
    redirectUris.length > 0 && redirectUris.every((uri) => isLoopback(new URL(uri).hostname));
  return html`<dl class="panel">
<dt>It calls itself</dt><dd><strong>${clientNameOf(client)}</strong></dd>
<dt>Client id</dt><dd><code>${clientId}</code></dd>
${URL.canParse(clientId) && html`<dt>Described at</dt><dd><strong>${new URL(clientId).host}</strong></dd>`}
<dt>The answer goes to</dt><dd>${target}</dd>
</dl>
${
  loopbackOnly &&
  html`<div class="box warn"><p><strong>This client runs on this machine.</strong> Any program here could use its name: continue only if you have just started it yourself.</p></div>`
}`;
}

function approval(tools: readonly ProtectedTool[]): Html {
  const items = tools.map(
    ({ name, title, description }) =>
      html`<li><strong>${title}</strong> (<code>${name}</code>)<br>${description}</li>`,
  );
  const what =
    items.length === 0
      ? html`<p>The request opens no tool that changes anything.</p>`
      : html`<p>Once you approve, and for a short time, it may change things as you:</p><ul>${items}</ul>`;
  return html`<div class="box bad"><h2>Your approval is asked for</h2>${what}<p>You are asked each time (<code>${APPROVED}</code>); nobody else can say yes for you.</p></div>`;
}

function scopeItem({ scope, tools, isNew }: RequestedScope): Html {
  const titles = SCOPE_WORDS.get(scope) ?? tools.map(({ title }) => title).join('; ');
  return html`<li><code>${scope}</code> ${badge(isNew)}${titles !== '' && html`<br>${titles}`}</li>`;
}

function badge(isNew: boolean): Html {
  return isNew ? html`<span class="status good">new</span>` : html`<span class="soft">allowed before</span>`;
}

/** Saves a new grant with the earlier scopes, except approvals, and the requested ones. Returns its id. */
export async function saveGrant(
  { provider, client: { clientId } }: { provider: Provider; client: Client },
  { resources, openid }: ConsentRequest,
  accountId: string,
  storedGrant: Grant | undefined,
): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId });
  for (const [identifier, earlier] of Object.entries(storedGrant?.resources ?? {})) {
    const scopes = words(earlier).filter((scope) => scope !== APPROVED);
    grant.addResourceScope(identifier, scopes);
  }
  for (const { identifier, scopes } of resources) {
    const requestedScopes = scopes.map(({ scope }) => scope);
    grant.addResourceScope(identifier, requestedScopes);
  }
  grant.addOIDCScope([...words(storedGrant?.getOIDCScope()), ...openid.map(({ scope }) => scope)]);
  return grant.save();
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

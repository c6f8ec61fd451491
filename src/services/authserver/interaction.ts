/**
 * What a person decides: who they are, and what they allow. Each request begins with the password. The consent page is the
 * response to the login form and has no address of its own, so its form token reaches only the window in which the password
 * was typed. Cookies, which a browser sends to every port of this host, neither open that page nor decide anything.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Client,
  errors,
  type Grant,
  type Interaction,
  type InteractionResults,
  type Provider,
} from 'oidc-provider';
import { type ConsentRequest, clientNameOf, readConsentRequest, saveGrant } from './consent.js';
import type { Forms } from './forms.js';
import { consentPage } from './pages/consent.js';
import { refusal } from './pages/layout.js';
import { loginPage } from './pages/login.js';
import { findPerson, publicPassword, signIn } from './people.js';
import { sendPage } from './reply.js';
import type { Resources } from './resources.js';

export type InteractionParts = { provider: Provider; resources: Resources; forms: Forms; password: string };
type Scene = InteractionParts & {
  request: IncomingMessage;
  response: ServerResponse;
  interaction: Interaction;
  client: Client;
  storedGrant: Grant | undefined;
};

export const EXPIRED = refusal(
  'This page has expired',
  'It has expired: it was open for too long, was answered already, or belongs to another browser.',
  'Go back to the program that sent you here, and start again.',
);
export const NOT_ACCEPTED = refusal('Not accepted', 'This did not come from the page that was shown to you.');
/** The form's response redirects to the client, and browsers apply form-action to redirects too. */
const ANY_ORIGIN = "'self' https: http:";

export async function answerInteraction(
  parts: InteractionParts,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<void> {
  const scene = await openScene(parts, request, response, uid);
  if (scene === undefined) return sendPage(response, 400, EXPIRED);
  if (request.method !== 'POST') return showLogin(scene);
  const fields = await parts.forms.read(request, (sent) =>
    sent.get('do') === 'login' ? uid : consentSubject(uid, sent.get('login')),
  );
  if (fields === undefined) return sendPage(response, 403, NOT_ACCEPTED);
  const action = fields.get('do');
  if (action === 'login') return login(scene, fields);
  // The form's token covers the person's name.
  if (action === 'allow') return allow(scene, fields.get('login') ?? '');
  if (action === 'deny') return deny(scene);
  return showLogin(scene);
}

/** The subject of the consent form's token. Only the response to a correct password contains one. */
function consentSubject(uid: string, accountId: string | null): string {
  return `consent ${uid} ${accountId}`;
}

async function openScene(
  parts: InteractionParts,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<Scene | undefined> {
  const { provider } = parts;
  try {
    const interaction = await provider.interactionDetails(request, response);
    if (interaction.uid !== uid) return undefined;
    const client = await provider.Client.find(String(interaction.params.client_id));
    if (client === undefined) return undefined;
    const { grantId } = interaction;
    const storedGrant = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    return { ...parts, request, response, interaction, client, storedGrant };
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

function showLogin(scene: Scene, status = 200, address?: string, problem?: string): void {
  const { response, interaction, client, forms } = scene;
  const { uid, session, params } = interaction;
  const prefill = address ?? session?.accountId ?? textOf(params.login_hint);
  const page = loginPage({
    action: `/interaction/${uid}`,
    csrf: forms.token(uid),
    clientName: clientNameOf(client),
    password: publicPassword(scene.password),
    login: prefill,
    problem,
  });
  sendPage(response, status, page, ANY_ORIGIN);
}

async function login(scene: Scene, fields: URLSearchParams): Promise<void> {
  const { response, interaction, forms } = scene;
  const address = fields.get('login') ?? '';
  const person = signIn(address, fields.get('password') ?? '', scene.password);
  if (person === undefined) {
    const exists = findPerson(address) !== undefined;
    const problem = exists ? 'The password is wrong.' : 'Nobody here has this e-mail address.';
    return showLogin(scene, 400, address, problem);
  }
  const signedIn = interaction.session?.accountId;
  if (signedIn !== undefined && signedIn !== person.email) {
    const problem = `${signedIn} is signed in. Sign out at /signout before somebody else signs in.`;
    return showLogin(scene, 400, signedIn, problem);
  }
  const consent = consentRequestOf(scene, person.email);
  if (!needsConsent(scene, consent)) return finish(scene, { login: { accountId: person.email } });
  const { uid } = interaction;
  const csrf = forms.token(consentSubject(uid, person.email));
  const page = consentPage({ action: `/interaction/${uid}`, csrf, person: person.email, consent });
  sendPage(response, 200, page, ANY_ORIGIN);
}

/** The session's cookie finds the grant, and a stranger may have planted the cookie: another person's grant does not count. */
function ownGrant({ storedGrant }: Scene, accountId: string): Grant | undefined {
  return storedGrant?.accountId === accountId ? storedGrant : undefined;
}

function consentRequestOf(scene: Scene, accountId: string): ConsentRequest {
  return readConsentRequest(scene.interaction, scene.client, ownGrant(scene, accountId), scene.resources);
}

/** Whether the request goes beyond what this person has allowed this client, or needs consent each time. */
function needsConsent({ interaction, client }: Scene, consent: ConsentRequest): boolean {
  const { prompt, params } = interaction;
  const scopes = [...consent.resources.flatMap((one) => one.scopes), ...consent.openid];
  return (
    prompt.name === 'consent' ||
    consent.approves !== undefined ||
    client.applicationType === 'native' ||
    (textOf(params.prompt) ?? '').split(' ').includes('consent') ||
    scopes.some(({ isNew }) => isNew)
  );
}

async function allow(scene: Scene, accountId: string): Promise<void> {
  const { provider, client } = scene;
  const consent = consentRequestOf(scene, accountId);
  const owner = { accountId, clientId: client.clientId };
  const grantId = await saveGrant(provider, consent, owner, ownGrant(scene, accountId));
  await finish(scene, { login: { accountId }, consent: { grantId } });
}

function deny(scene: Scene): Promise<void> {
  return finish(scene, { error: 'access_denied', error_description: 'the person said no' });
}

/**
 * Sends the window in which the password was typed back to the library, with proof that it is that window. Cookies prove
 * nothing: a program on another port may have read them, or may have planted its own to collect what a person allows.
 */
async function finish(scene: Scene, result: InteractionResults): Promise<void> {
  const { provider, request, response, interaction, forms } = scene;
  const mergeWithLastSubmission = result.error === undefined;
  const url = new URL(
    await provider.interactionResult(request, response, result, { mergeWithLastSubmission }),
  );
  url.searchParams.set('proof', forms.token(resumeSubject(interaction.uid)));
  response.writeHead(303, { location: url.href, 'cache-control': 'no-store' }).end();
}

/** The subject of the proof in that address. */
function resumeSubject(uid: string): string {
  return `resume ${uid}`;
}

/** Whether a resuming request comes from the window that has just decided; undefined for any other request. */
export function mayResume({ pathname, searchParams }: URL, forms: Forms): boolean | undefined {
  const [, uid] = /^\/(?:authorize|device)\/([\w-]+)$/.exec(pathname) ?? [];
  return uid === undefined ? undefined : forms.isValid(searchParams.get('proof') ?? '', resumeSubject(uid));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

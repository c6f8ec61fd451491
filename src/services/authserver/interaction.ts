/**
 * What a person decides: who they are, and what they allow. Each request begins with the password. The
 * consent page answers the login form and has no address, so its form token reaches only the window in which
 * the password was typed. Cookies, which a browser sends to every port, neither open that page nor decide
 * anything.
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
import { type ConsentRequest, clientNameOf, consentPage, readConsentRequest, saveGrant } from './consent.js';
import { loginPage, refusal } from './pages.js';
import { findPerson, publicPassword, signIn } from './people.js';
import type { Forms, SendPage } from './reply.js';
import type { Resources } from './resources.js';

export type InteractionParts = {
  provider: Provider;
  resources: Resources;
  forms: Forms;
  password: string;
  sendPage: SendPage;
};
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
  const { sendPage } = parts;
  const scene = await openScene(parts, request, response, uid);
  if (scene === undefined) return sendPage(response, 400, EXPIRED);
  if (request.method !== 'POST') return showLogin(scene);
  const fields = await parts.forms.read(request, (form) =>
    form.get('do') === 'login' ? uid : consentSubject(uid, form.get('login')),
  );
  if (fields === undefined) return sendPage(response, 403, NOT_ACCEPTED);
  switch (fields.get('do')) {
    case 'login':
      return login(scene, fields);
    case 'allow':
      // The form's token covers the person's name.
      return allow(scene, fields.get('login') ?? '');
    case 'deny':
      return finish(scene, { error: 'access_denied', error_description: 'the person said no' });
    default:
      return showLogin(scene);
  }
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
    const client = await provider.Client.find(String(interaction.params.client_id));
    if (interaction.uid !== uid || client === undefined) return undefined;
    const { grantId } = interaction;
    const storedGrant = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    return { ...parts, request, response, interaction, client, storedGrant };
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

function showLogin(scene: Scene, status = 200, address?: string, problem?: string): void {
  const { response, interaction, client, forms, sendPage } = scene;
  const { uid, session, params } = interaction;
  const view = {
    action: `/interaction/${uid}`,
    csrf: forms.token(uid),
    clientName: clientNameOf(client),
    login: address ?? session?.accountId ?? textOf(params.login_hint),
  };
  sendPage(response, status, loginPage(view, publicPassword(scene.password), problem), ANY_ORIGIN);
}

async function login(scene: Scene, fields: URLSearchParams): Promise<void> {
  const { response, interaction, forms, sendPage } = scene;
  const { uid, session } = interaction;
  const address = fields.get('login') ?? '';
  const person = signIn(address, fields.get('password') ?? '', scene.password);
  if (person === undefined) {
    const exists = findPerson(address) !== undefined;
    const problem = exists ? 'The password is wrong.' : 'Nobody here has this e-mail address.';
    return showLogin(scene, 400, address, problem);
  }
  const { email } = person;
  const signedIn = session?.accountId;
  if (signedIn !== undefined && signedIn !== email) {
    const problem = `${signedIn} is signed in. Sign out at /signout before somebody else signs in.`;
    return showLogin(scene, 400, signedIn, problem);
  }
  const consent = readConsentRequest(scene, ownGrant(scene, email));
  if (!needsConsent(scene, consent)) return finish(scene, { login: { accountId: email } });
  const csrf = forms.token(consentSubject(uid, email));
  sendPage(response, 200, consentPage(scene, csrf, email, consent), ANY_ORIGIN);
}

/** A cookie finds the grant, and a stranger may have planted it: another person's grant does not count. */
function ownGrant({ storedGrant }: Scene, accountId: string): Grant | undefined {
  return storedGrant?.accountId === accountId ? storedGrant : undefined;
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
  const grant = ownGrant(scene, accountId);
  const grantId = await saveGrant(scene, readConsentRequest(scene, grant), accountId, grant);
  await finish(scene, { login: { accountId }, consent: { grantId } });
}

/**
 * Sends the window in which the password was typed back to the library, with proof that it is that window.
 * Cookies prove nothing: a program on another port may have read them, or planted its own.
 */
async function finish(scene: Scene, result: InteractionResults): Promise<void> {
  const { provider, request, response, interaction, forms } = scene;
  const mergeWithLastSubmission = result.error === undefined;
  const next = await provider.interactionResult(request, response, result, { mergeWithLastSubmission });
  const url = new URL(next);
  url.searchParams.set('proof', forms.token(`resume ${interaction.uid}`));
  response.writeHead(303, { location: url.href, 'cache-control': 'no-store' }).end();
}

/** Whether a resuming request comes from the window that has just decided; undefined for other requests. */
export function mayResume({ pathname, searchParams }: URL, forms: Forms): boolean | undefined {
  const [, uid] = /^\/(?:authorize|device)\/([\w-]+)$/.exec(pathname) ?? [];
  return uid === undefined ? undefined : forms.isValid(searchParams.get('proof') ?? '', `resume ${uid}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

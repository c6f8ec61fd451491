/**
 * What a person decides: who they are, and what they allow. Each request begins with the password. The page that asks for
 * consent is the answer to that very form and stands at no address of its own, so its token reaches only the window in
 * which the password was typed: cookies, which a browser sends to every port of this host, neither open it nor decide.
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
import { type ConsentAsked, grantAsked, nameOf, readAsked } from './consent.js';
import type { Forms } from './forms.js';
import { consentPage } from './pages/consent.js';
import { refusal } from './pages/layout.js';
import { loginPage } from './pages/login.js';
import { findPerson, shownPassword, signIn } from './people.js';
import { sendPage } from './reply.js';
import type { Resources } from './resources.js';

export type Asking = { provider: Provider; resources: Resources; forms: Forms; password: string };
type Scene = Asking & {
  request: IncomingMessage;
  response: ServerResponse;
  interaction: Interaction;
  client: Client;
  held: Grant | undefined;
};

export const EXPIRED = refusal(
  'This page has expired',
  'It has expired: it was open for too long, was answered already, or belongs to another browser.',
  'Go back to the program that sent you here, and start again.',
);
// A form's answer is a redirect to the client, and browsers hold those against form-action, too.
const LEADS_AWAY = "'self' https: http:";

export async function answerInteraction(
  asking: Asking,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<void> {
  const scene = await setScene(asking, request, response, uid);
  if (scene === undefined) {
    sendPage(response, 400, EXPIRED);
    return;
  }
  if (request.method !== 'POST') return show(scene);
  const fields = await asking.forms.read(request, (sent) =>
    sent.get('do') === 'login' ? uid : consentOf(uid, sent.get('login')),
  );
  if (fields === undefined) {
    sendPage(
      response,
      403,
      refusal('Not accepted', 'This did not come from the page that was shown to you.'),
    );
    return;
  }
  const wanted = fields.get('do');
  if (wanted === 'login') return login(scene, fields);
  // Who they are is covered by the token of the form.
  if (wanted === 'allow') return allow(scene, fields.get('login') ?? '');
  if (wanted === 'deny') return deny(scene);
  return show(scene);
}

/** What the token of the consent page is about. Only the answer to a right password holds one. */
function consentOf(uid: string, accountId: string | null): string {
  return `consent ${uid} ${accountId}`;
}

async function setScene(
  asking: Asking,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<Scene | undefined> {
  const { provider } = asking;
  try {
    const interaction = await provider.interactionDetails(request, response);
    if (interaction.uid !== uid) return undefined;
    const client = await provider.Client.find(String(interaction.params.client_id));
    if (client === undefined) return undefined;
    const { grantId } = interaction;
    const held = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    return { ...asking, request, response, interaction, client, held };
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

function show(scene: Scene, status = 200, login?: string, problem?: string): void {
  const { response, interaction, client, forms } = scene;
  const { uid, session } = interaction;
  const hint = login ?? session?.accountId ?? text(interaction.params.login_hint);
  const page = loginPage({
    action: `/interaction/${uid}`,
    csrf: forms.token(uid),
    clientName: nameOf(client),
    password: shownPassword(scene.password),
    ...(hint === undefined ? {} : { login: hint }),
    ...(problem === undefined ? {} : { problem }),
  });
  sendPage(response, status, page, LEADS_AWAY);
}

async function login(scene: Scene, fields: URLSearchParams): Promise<void> {
  const { response, interaction, forms } = scene;
  const given = fields.get('login') ?? '';
  const person = signIn(given, fields.get('password') ?? '', scene.password);
  if (person === undefined) {
    const known = findPerson(given) !== undefined;
    return show(scene, 400, given, known ? 'The password is wrong.' : 'Nobody here has this e-mail address.');
  }
  const before = interaction.session?.accountId;
  if (before !== undefined && before !== person.email) {
    return show(
      scene,
      400,
      before,
      `${before} is signed in. Sign out at /signout before somebody else signs in.`,
    );
  }
  const asked = askedOf(scene, person.email);
  if (!needsConsent(scene, asked)) {
    return finish(scene, { login: { accountId: person.email } });
  }
  const { uid } = interaction;
  const csrf = forms.token(consentOf(uid, person.email));
  const page = consentPage({ action: `/interaction/${uid}`, csrf, person: person.email, asked });
  sendPage(response, 200, page, LEADS_AWAY);
}

/** The grant is found by the session's cookie, which anybody may have planted: another person's counts for nothing. */
function heldBy({ held }: Scene, accountId: string): Grant | undefined {
  return held?.accountId === accountId ? held : undefined;
}

function askedOf(scene: Scene, accountId: string): ConsentAsked {
  return readAsked(scene.interaction, scene.client, heldBy(scene, accountId), scene.resources);
}

/** Whether more is asked for than this person has allowed this client before, or it has to be asked each time. */
function needsConsent(
  { interaction, client }: Scene,
  { approves, resources, openid }: ConsentAsked,
): boolean {
  const { prompt, params } = interaction;
  const scopes = [...resources.flatMap((one) => one.scopes), ...openid];
  return (
    prompt.name === 'consent' ||
    approves !== undefined ||
    client.applicationType === 'native' ||
    (text(params.prompt) ?? '').split(' ').includes('consent') ||
    scopes.some(({ isNew }) => isNew)
  );
}

async function allow(scene: Scene, accountId: string): Promise<void> {
  const { provider, client } = scene;
  const asked = askedOf(scene, accountId);
  const held = heldBy(scene, accountId);
  const grantId = await grantAsked(provider, asked, { accountId, clientId: client.clientId }, held);
  await finish(scene, { login: { accountId }, consent: { grantId } });
}

function deny(scene: Scene): Promise<void> {
  return finish(scene, { error: 'access_denied', error_description: 'the person said no' });
}

/**
 * Sends the window in which the password was typed to where the library goes on, with proof that it is that window. The
 * cookies are none: a program on another port may have them, or may have planted its own in the browser to collect what a
 * person allows there.
 */
async function finish(scene: Scene, result: InteractionResults): Promise<void> {
  const { provider, request, response, interaction, forms } = scene;
  const mergeWithLastSubmission = result.error === undefined;
  const url = new URL(
    await provider.interactionResult(request, response, result, { mergeWithLastSubmission }),
  );
  url.searchParams.set('proof', forms.token(resumeOf(interaction.uid)));
  response.writeHead(303, { location: url.href, 'cache-control': 'no-store' }).end();
}

/** What the proof in that address is about. */
function resumeOf(uid: string): string {
  return `resume ${uid}`;
}

/** Whether a request to go on comes from the window that has just decided; undefined when it is no such request. */
export function mayResume({ pathname, searchParams }: URL, forms: Forms): boolean | undefined {
  const [, uid] = /^\/(?:authorize|device)\/([\w-]+)$/.exec(pathname) ?? [];
  return uid === undefined ? undefined : forms.proves(searchParams.get('proof') ?? '', resumeOf(uid));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

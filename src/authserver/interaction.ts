/**
 * What a person decides: who they are, and what they allow. Each decision is a form of this server's own page, with
 * proof that it was that page, and it decides exactly the one request that the page was about.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client, Grant, Interaction, Provider } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { grantAsked, nameOf, readAsked } from './consent.js';
import type { Forms } from './forms.js';
import { consentPage } from './pages/consent.js';
import { refusal } from './pages/layout.js';
import { loginPage } from './pages/login.js';
import { findPerson, signIn } from './people.js';
import { sendPage } from './reply.js';
import type { Resources } from './resources.js';

export type Asking = { provider: Provider; resources: Resources; forms: Forms };
type Scene = Asking & {
  request: IncomingMessage;
  response: ServerResponse;
  interaction: Interaction;
  client: Client;
  held: Grant | undefined;
};

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
    sendPage(
      response,
      400,
      refusal(
        'This page has expired',
        'It was open for too long, was answered already, or belongs to another browser.',
        'Go back to the program that sent you here, and start again.',
      ),
    );
    return;
  }
  if (request.method !== 'POST') return show(scene);
  const fields = await asking.forms.read(request, uid);
  if (fields === undefined) {
    sendPage(
      response,
      403,
      refusal('Not accepted', 'This did not come from the page that was shown to you.'),
    );
    return;
  }
  const { name } = scene.interaction.prompt;
  const wanted = fields.get('do');
  if (name === 'login' && wanted === 'login') return login(scene, fields);
  if (name === 'consent' && wanted === 'allow') return allow(scene);
  if (name === 'consent' && wanted === 'deny') return deny(scene);
  return show(scene);
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
  const { response, interaction, client, held, resources, forms } = scene;
  const { uid, prompt, session } = interaction;
  const shared = { action: `/interaction/${uid}`, csrf: forms.token(uid) };
  if (prompt.name === 'login') {
    const hint = login ?? session?.accountId ?? text(interaction.params.login_hint);
    const page = loginPage({
      ...shared,
      clientName: nameOf(client),
      ...(hint === undefined ? {} : { login: hint }),
      ...(problem === undefined ? {} : { problem }),
    });
    sendPage(response, status, page, LEADS_AWAY);
    return;
  }
  const person = String(session?.accountId);
  const asked = readAsked(interaction, client, held, resources);
  sendPage(response, status, consentPage({ ...shared, person, asked }), LEADS_AWAY);
}

async function login(scene: Scene, fields: URLSearchParams): Promise<void> {
  const { provider, request, response, interaction } = scene;
  const given = fields.get('login') ?? '';
  const person = signIn(given, fields.get('password') ?? '');
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
  await provider.interactionFinished(request, response, { login: { accountId: person.email } });
}

async function allow(scene: Scene): Promise<void> {
  const { provider, request, response, interaction, client, held, resources } = scene;
  const accountId = interaction.session?.accountId;
  if (accountId === undefined) throw new Error('consent without a person');
  const asked = readAsked(interaction, client, held, resources);
  const grantId = await grantAsked(provider, asked, { accountId, clientId: client.clientId }, held);
  await provider.interactionFinished(request, response, { consent: { grantId } });
}

async function deny({ provider, request, response }: Scene): Promise<void> {
  await provider.interactionFinished(
    request,
    response,
    { error: 'access_denied', error_description: 'the person said no' },
    { mergeWithLastSubmission: false },
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

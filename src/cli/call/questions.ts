/**
 * Answers a server's questions: forms and pages by the person at the terminal, roots from the command line. Without a person,
 * forms and pages are declined, which servers must expect (2026-07-28/elicitation/022).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#security-considerations
 */
import { basename } from 'node:path';
import { domainToUnicode, pathToFileURL } from 'node:url';
import type { InputHandlers } from '../../client/index.js';
import { wrapProse } from '../../lesson/look.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import { compileSchema } from '../../wire/schema/compile.js';
import { problemText } from '../../wire/schema/problem.js';
import type { JsonObject } from '../../wire/value.js';

import { fillIn } from './fill-in.js';
import { formFields } from './form.js';
import { safeLine, safeText } from './safe.js';
import type { Screen } from './screen.js';

export type QuestionOptions = {
  screen: Screen;
  /** How the server is named in a question: never by a name that it gives itself (2026-07-28/discover/006). */
  server: string;
  /** Absolute paths of folders; without any, the client does not declare roots. */
  roots: readonly string[];
  open(url: URL): Promise<boolean>;
};

const DECLINE: JsonObject = { action: 'decline' };
const CANCEL: JsonObject = { action: 'cancel' };

export function answerQuestions(options: QuestionOptions): InputHandlers {
  const { roots } = options;
  // A server may ask several things at once, and a person answers one after the other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
    const answer = last.then(ask);
    last = answer.catch(() => {});
    return answer;
  };
  const rootList = {
    roots: roots.map((folder) => ({ uri: pathToFileURL(folder).href, name: basename(folder) })),
  };
  return {
    'elicitation/create': (params, signal) => inTurn(() => answerElicitation(params, signal, options)),
    ...(roots.length === 0 ? {} : { 'roots/list': async () => rootList }),
  };
}

async function answerElicitation(
  params: JsonObject,
  signal: AbortSignal,
  options: QuestionOptions,
): Promise<JsonObject> {
  const { screen, server } = options;
  const { look } = screen;
  const page = params.mode === 'url';
  screen.say('');
  screen.say(look.paint('decided', `${server} asks you${page ? ' to open a page' : ''}:`));
  for (const line of safeText(String(params.message ?? '')).split('\n'))
    for (const text of wrapProse(line, look.width, '  ')) screen.say(text);
  if (!screen.attended) {
    if (page) screen.say(`  ${safeLine(params.url, 2_000)}`);
    screen.say(look.paint('wrong', 'Declined: there is no terminal to ask you in.'));
    return DECLINE;
  }
  return page ? openPage(params, signal, options) : fillForm(params, signal, screen);
}

async function fillForm(params: JsonObject, signal: AbortSignal, screen: Screen): Promise<JsonObject> {
  const { look } = screen;
  const fields = formFields(params.requestedSchema);
  const check = compileSchema('requestedSchema', params.requestedSchema);
  const names = fields.map(({ title, required }) => `${safeLine(title, 60)}${required ? '' : ' (optional)'}`);
  screen.say(look.paint('quiet', `  It wants: ${names.length === 0 ? 'a yes or no' : names.join(', ')}`));
  const start = await choose(screen, signal, 'Answer?', { y: 'yes', d: 'decline', c: 'cancel' });
  if (start !== 'y') return start === 'd' ? DECLINE : CANCEL;
  for (;;) {
    const content = await fillIn(fields, screen, signal);
    if (content === undefined) return CANCEL;
    const problem = check(content);
    if (problem !== undefined) {
      screen.say(look.paint('wrong', `  ${safeLine(problemText(problem))}`));
      continue;
    }
    if (fields.length === 0) return { action: 'accept', content };
    screen.say(`  Your answer: ${safeLine(content, 2_000)}`);
    const end = await choose(screen, signal, 'Send it?', {
      y: 'yes',
      e: 'edit',
      d: 'decline',
      c: 'cancel',
    });
    if (end === 'y') return { action: 'accept', content };
    if (end !== 'e') return end === 'd' ? DECLINE : CANCEL;
  }
}

/** Nothing is opened, or looked at, before the person agrees; they see the whole address and its host first. */
async function openPage(
  { url: text }: JsonObject,
  signal: AbortSignal,
  { screen, open }: QuestionOptions,
): Promise<JsonObject> {
  const { look } = screen;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    screen.say(look.paint('wrong', `Declined: it is no web address: ${safeLine(text)}`));
    return DECLINE;
  }
  screen.say(`  host:    ${look.paint('title', url.host)}`);
  screen.say(`  address: ${safeLine(url.href, 2_000)}`);
  for (const warning of warningsOf(url)) screen.say(look.paint('wrong', `  ${warning}`));
  const answer = await choose(screen, signal, 'Open it?', {
    y: 'yes',
    d: 'decline',
    c: 'cancel',
  });
  if (answer !== 'y') return answer === 'd' ? DECLINE : CANCEL;
  if (!(await open(url))) screen.say('  No browser could be started here. Open the address yourself.');
  const line = await screen.ask('  Press Enter when you are done there. ', signal);
  return line === undefined ? CANCEL : { action: 'accept' };
}

function warningsOf(url: URL): string[] {
  const { hostname, protocol } = url;
  const letters = domainToUnicode(hostname);
  return [
    ...(letters === hostname
      ? []
      : [`This host looks like ${safeLine(letters)}, and is not written in plain letters.`]),
    ...(protocol === 'https:' || isLoopback(hostname) ? [] : ['This page is not encrypted.']),
    ...(url.username === '' && url.password === '' ? [] : ['This address has a name or a password in it.']),
  ];
}

/** Asks for one of the letters, until one comes: an empty line is no consent. Undefined at the end of the input. */
async function choose<Letter extends string>(
  screen: Screen,
  signal: AbortSignal,
  question: string,
  choices: { [Key in Letter]: string },
): Promise<Letter | undefined> {
  const letters = Object.keys(choices) as Letter[];
  const choiceText = letters.map((letter) => `${letter} ${choices[letter]}`).join(' · ');
  for (;;) {
    const line = await screen.ask(`${question} (${choiceText}) `, signal);
    if (line === undefined) return undefined;
    const word = line.trim().toLowerCase();
    const letter = letters.find((one) => one === word || choices[one] === word);
    if (letter !== undefined) return letter;
    screen.say(
      `  expected ${letters.join(', ')}, received ${word === '' ? 'an empty line' : safeLine(JSON.stringify(word))}`,
    );
  }
}

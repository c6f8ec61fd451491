/**
 * Prints a transcript while it plays: its explanations, each request before it is sent, each answer when it has come, and what
 * was decided about it. Waits for the reader before a request is sent and before the next one is shown.
 */
import { type Look, ruleLine, wrapProse } from '../lesson/look.js';
import { curlLine, type Variables } from '../lesson/player/curl.js';
import type { Sending, Stage, Watch } from '../lesson/player/stage.js';
import { escaped, withoutSecrets } from '../lesson/player/visible.js';
import type { ServerName, Step } from '../lesson/transcripts/steps.js';
import type { Transcript } from '../lesson/transcripts/transcript.js';
import { capital, decisionLines, noteLines, transcriptLines } from './print.js';
import { ShownExchange } from './shown-exchange.js';

export type Telling = {
  print(line: string): void;
  look: Look;
  /** The log lines of the servers since the last call. */
  takeServerOutput(): string[];
  /** Resolves when the reader presses Enter; the text says what that does. */
  pause?: (what: string) => Promise<void>;
  /** Present if curl commands are wanted: writes a secret to a file and returns its path. */
  saveSecret?: (secret: string) => Promise<string>;
  /** The claims of tokens that were printed before. */
  tokens?: Set<string>;
};
/** What a transcript is called on the screen. */
export type Label = { place: string; file: string };

const AUDITED: readonly ServerName[] = ['readonly', 'destructive', 'sessions', 'hasty', 'undecided'];
/** The record of a refusal may follow its answer. */
const RECORD_WAIT_MS = 200;
const POLL_MS = 20;
/** Our tokens and cookies are not shorter. */
const MIN_SECRET = 20;

type Open = { server: ServerName; exchange: ShownExchange };

export class Narrator implements Watch {
  readonly #printed: { notes: number; requests: number; variables: Variables } = {
    notes: 0,
    requests: 0,
    variables: {},
  };
  /** The open exchanges; '' is the one without a name. */
  readonly #open = new Map<string, Open>();
  readonly #recordCounts = new Map<ServerName, number>();

  constructor(
    readonly transcript: Transcript,
    readonly source: string,
    readonly label: Label,
    readonly stage: Stage,
    readonly telling: Telling,
  ) {}

  async beforeSend(step: Sending, bytes: Buffer, url?: URL): Promise<void> {
    const { server, transport } = this.transcript;
    const { print, look, pause, tokens } = this.telling;
    const isAwaited = this.#isAwaited(step);
    if (this.#printed.requests > 0 && !isAwaited) await pause?.('Enter goes on');
    this.#header();
    this.#notes(step.line);
    const target = step.kind === 'send' ? (step.on ?? server) : server;
    const exchange = new ShownExchange(bytes, target, transport, look, tokens);
    this.#open.set(step.name, { server: target, exchange });
    const what = `a connection with a name${target === server ? '' : `, to ${target}`}`;
    for (const line of ['', ...this.#nameLines(step, what), ...exchange.request()]) print(line);
    if (url !== undefined) await this.#curl(bytes, url);
    if (!isAwaited) await pause?.('Enter sends it');
    if (!isAwaited || !this.#recordCounts.has(target))
      this.#recordCounts.set(target, (await this.#records(target)).length);
  }

  async onReceive(step: Step, bytes: Buffer): Promise<void> {
    this.#notes(step.line);
    const { name, kind } = step;
    const { print, takeServerOutput } = this.telling;
    const exchange = this.#open.get(name)?.exchange;
    if (exchange !== undefined && (kind === 'expect' || bytes.length > 0))
      for (const line of ['', ...this.#nameLines(step, 'from the server'), ...exchange.answer(bytes)])
        print(line);
    if (kind === 'end') this.#quiet(`@${name}: the server has closed it`);
    if (kind === 'close') this.#quiet(`@${name}: the client closes it`);
    await this.#decided(step, bytes);
    for (const line of takeServerOutput())
      this.#quiet(`on the server's stderr: ${escaped(withoutSecrets(line))}`);
    if (kind !== 'expect') this.#open.delete(name);
  }

  /** Prints the explanations after the last exchange. */
  end(): void {
    this.#notes(Number.POSITIVE_INFINITY);
  }

  #header(): void {
    const { print, look } = this.telling;
    const { transcript, label } = this;
    const count = transcript.steps.filter(({ kind }) => kind === 'send' || kind === 'write').length;
    this.#printed.requests += 1;
    const { requests } = this.#printed;
    const which = count === 1 ? '' : ` · exchange ${requests} of ${count}`;
    print('');
    print(ruleLine(`${label.place}${which}`, look));
    for (const line of wrapProse(capital(transcript.title), look.width)) print(look.paint('title', line));
    if (requests === 1) for (const line of transcriptLines(transcript, label.file, look)) print(line);
  }

  #nameLines({ name }: Step, what: string): string[] {
    return name === '' ? [] : [this.telling.look.paint('quiet', `@${name}: ${what}`)];
  }

  /** Whether a later step needs an exchange that is open now. It has a deadline, so there must be no pause. */
  #isAwaited(step: Step): boolean {
    const { steps } = this.transcript;
    const later = steps.slice(steps.indexOf(step) + 1).filter(({ kind }) => kind !== 'send');
    return [...this.#open.keys()].some((name) => name !== '' && later.some((one) => one.name === name));
  }

  #quiet(text: string): void {
    const { print, look } = this.telling;
    for (const line of wrapProse(text, look.width)) print(look.paint('quiet', line));
  }

  #notes(before: number): void {
    const due = this.transcript.notes.slice(this.#printed.notes).filter(({ line }) => line < before);
    this.#printed.notes += due.length;
    const texts = due.map(({ text }) => text);
    for (const line of noteLines(texts, this.telling.look)) this.telling.print(line);
  }

  async #decided({ name, kind }: Step, bytes: Buffer): Promise<void> {
    const server = this.#open.get(name)?.server;
    if (server === undefined || this.stage.records === undefined || !AUDITED.includes(server)) return;
    const isRefusal = /^HTTP\/1\.1 [45]/.test(bytes.toString('latin1', 0, 12));
    const deadline = performance.now() + (isRefusal ? RECORD_WAIT_MS : 0);
    let records = await this.#records(server);
    const before = this.#recordCounts.get(server) ?? 0;
    while (records.length <= before && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      records = await this.#records(server);
    }
    this.#recordCounts.set(server, records.length);
    const { paint, width } = this.telling.look;
    const lines = decisionLines(records.slice(before)).flatMap((line) => wrapProse(escaped(line), width));
    for (const line of lines) this.telling.print(paint('decided', line));
    if (lines.length === 0 && name === '' && kind === 'expect')
      this.#quiet('recorded in the audit log: nothing');
  }

  async #records(server: ServerName): Promise<readonly unknown[]> {
    return AUDITED.includes(server) ? ((await this.stage.records?.(server)) ?? []) : [];
  }

  async #curl(bytes: Buffer, url: URL): Promise<void> {
    const { saveSecret, print } = this.telling;
    if (saveSecret === undefined) return;
    print('');
    const variables = this.#secretsIn(bytes);
    const line = curlLine(bytes, url, variables);
    if (line.kind === 'not') return print(`curl cannot send this: ${line.why}`);
    for (const [name, value] of Object.entries(variables)) {
      if (this.#printed.variables[name] === value) continue;
      this.#printed.variables[name] = value;
      print(`${name}=$(cat ${await saveSecret(value)})`);
    }
    print(line.line);
  }

  /** The secrets that the transcript itself does not show. */
  #secretsIn(bytes: Buffer): Variables {
    const head = bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
    const secrets = {
      TOKEN: /^authorization: *bearer (\S+)$/im.exec(head)?.[1],
      SESSION: /^barewire-session: *(\S+)$/im.exec(head)?.[1],
    };
    const hiddenSecrets = Object.entries(secrets).flatMap(([name, value = '']) =>
      value.length < MIN_SECRET || this.source.includes(value) ? [] : [[name, value] as const],
    );
    return Object.fromEntries(hiddenSecrets);
  }
}

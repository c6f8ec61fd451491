/**
 * Prints a transcript while it plays: its explanations, each exchange when it is over, and what was decided about it; optionally,
 * a curl command and a pause before each request.
 */

import { curlLine, type Variables } from '../lesson/player/curl.js';
import type { Sending, Stage, Watch } from '../lesson/player/stage.js';
import { escaped, withoutSecrets } from '../lesson/player/visible.js';
import type { ServerName, Step } from '../lesson/transcripts/steps.js';
import type { Transcript } from '../lesson/transcripts/transcript.js';
import { wrapProse } from './columns.js';
import { decisionLines, exchangeLines, type Look, noteLines } from './print.js';

export type Telling = {
  print(line: string): void;
  look: Look;
  /** The log lines of the servers since the last call. */
  takeServerOutput(): string[];
  /** Resolves when the reader wants to go on. */
  pause?: () => Promise<void>;
  /** Prints a line and resolves when the reader wants the next one. */
  slowly?: (line: string) => Promise<void>;
  /** Present if curl commands are wanted: writes a secret to a file and returns its path. */
  saveSecret?: (secret: string) => Promise<string>;
};

const AUDITED: readonly ServerName[] = ['readonly', 'destructive', 'sessions', 'hasty', 'undecided'];
/** The record of a refusal may follow its answer. */
const RECORD_WAIT_MS = 200;
const POLL_MS = 20;
/** Our tokens and cookies are not shorter. */
const MIN_SECRET = 20;

export class Narrator implements Watch {
  readonly #printed: { notes: number; variables: Variables } = { notes: 0, variables: {} };
  /** The open exchanges and their servers; '' is the one without a name. */
  readonly #servers = new Map<string, ServerName>();
  readonly #recordCounts = new Map<ServerName, number>();
  #unansweredRequest: Buffer | undefined;

  constructor(
    readonly transcript: Transcript,
    readonly source: string,
    readonly stage: Stage,
    readonly telling: Telling,
  ) {}

  async sending(step: Sending, bytes: Buffer, url?: URL): Promise<void> {
    const { steps, server } = this.transcript;
    const next = steps[steps.indexOf(step) + 1];
    const answered = next?.kind === 'expect' && next.name === step.name;
    this.#notes(answered ? next.line : step.line);
    if (url !== undefined) await this.#curl(bytes, url);
    const awaited = this.#isAwaited(step);
    if (!awaited) await this.telling.pause?.();
    const target = step.kind === 'send' ? (step.on ?? server) : server;
    this.#servers.set(step.name, target);
    if (!awaited || !this.#recordCounts.has(target))
      this.#recordCounts.set(target, (await this.#records(target)).length);
    if (answered) this.#unansweredRequest = bytes;
    else await this.#exchange(step.name, bytes, undefined, !awaited);
  }

  async came(step: Step, bytes: Buffer): Promise<void> {
    this.#notes(step.line);
    const { name, kind } = step;
    const awaited = this.#isAwaited(step);
    if (kind === 'expect' || bytes.length > 0)
      await this.#exchange(name, this.#unansweredRequest, bytes, !awaited);
    this.#unansweredRequest = undefined;
    if (kind === 'end') this.#quiet(`@${name}: the server has closed it`);
    if (kind === 'close') this.#quiet(`@${name}: the client closes it`);
    await this.#decided(step, bytes);
    for (const line of this.telling.takeServerOutput())
      this.#quiet(`on the server's stderr: ${escaped(withoutSecrets(line))}`);
    if (name === '' || kind !== 'expect') this.#servers.delete(name);
  }

  /** Prints the explanations after the last exchange. */
  end(): void {
    this.#notes(Number.POSITIVE_INFINITY);
  }

  /** Whether a later step needs an exchange that is open now. It has a deadline, so there must be no pause. */
  #isAwaited(step: Step): boolean {
    const { steps } = this.transcript;
    const later = steps.slice(steps.indexOf(step) + 1).filter(({ kind }) => kind !== 'send');
    return [...this.#servers.keys()].some((name) => name !== '' && later.some((one) => one.name === name));
  }

  async #exchange(
    name: string,
    sent: Buffer | undefined,
    came: Buffer | undefined,
    alone: boolean,
  ): Promise<void> {
    const { look, print, slowly } = this.telling;
    for (const line of exchangeLines({ name, sent, came }, look)) {
      if (slowly !== undefined && alone) await slowly(line);
      else print(line);
    }
  }

  #quiet(text: string): void {
    this.telling.print(this.telling.look.paint('quiet', text));
  }

  #notes(before: number): void {
    const due = this.transcript.notes.slice(this.#printed.notes).filter(({ line }) => line < before);
    this.#printed.notes += due.length;
    const texts = due.map(({ text }) => text);
    for (const line of noteLines(texts, this.telling.look)) this.telling.print(line);
  }

  async #decided({ name, kind }: Step, bytes: Buffer): Promise<void> {
    const server = this.#servers.get(name);
    if (server === undefined || this.stage.records === undefined || !AUDITED.includes(server)) return;
    const refused = /^HTTP\/1\.1 [45]/.test(bytes.toString('latin1', 0, 12));
    const deadline = performance.now() + (refused ? RECORD_WAIT_MS : 0);
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
    if (lines.length === 0 && name === '' && kind === 'expect') this.#quiet('recorded: nothing');
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
    const hidden = Object.entries(secrets).flatMap(([name, value = '']) =>
      value.length < MIN_SECRET || this.source.includes(value) ? [] : [[name, value] as const],
    );
    return Object.fromEntries(hidden);
  }
}

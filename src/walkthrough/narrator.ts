/**
 * Tells one transcript while it plays: the explanations where they stand, each exchange when it is over, what was
 * decided about it, and before it, where that is wanted, a line for curl and a pause.
 */

import type { ServerName, Step } from '../lesson/transcripts/steps.js';
import type { Transcript } from '../lesson/transcripts/transcript.js';
import { wrapProse } from './columns.js';
import { curlLine, type Variables } from './curl.js';
import { decisionLines } from './decided.js';
import type { Sending, Stage, Watch } from './play.js';
import { exchangeLines, type Look, noteLines } from './print.js';
import { escaped, withoutSecrets } from './visible.js';

export type Telling = {
  print(line: string): void;
  look: Look;
  /** What the servers have said on stderr since it was asked last. */
  said(): string[];
  /** Resolves when the learner wants to go on. */
  pause?: () => Promise<void>;
  /** Prints a line and resolves when the learner wants the next one. */
  slowly?: (line: string) => Promise<void>;
  /** Wanted are lines for curl: puts a secret into a file and gives its path. */
  keep?: (secret: string) => Promise<string>;
};

const AUDITED: readonly ServerName[] = ['readonly', 'destructive', 'sessions', 'hasty', 'undecided'];
/** A refusal may be written down just after its answer. */
const PATIENCE_MS = 200;
const POLL_MS = 20;
/** Shorter values are no tokens and no cookies of ours. */
const SHORTEST_SECRET = 20;

export class Narrator implements Watch {
  readonly #told: { notes: number; variables: Variables } = { notes: 0, variables: {} };
  /** What is open, and the server of each exchange; '' is the one without a name. */
  readonly #servers = new Map<string, ServerName>();
  readonly #seen = new Map<ServerName, number>();
  #pending: Buffer | undefined;

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
    const waits = this.#someWait(step);
    if (!waits) await this.telling.pause?.();
    const target = step.kind === 'send' ? (step.on ?? server) : server;
    this.#servers.set(step.name, target);
    if (!waits || !this.#seen.has(target)) this.#seen.set(target, (await this.#records(target)).length);
    if (answered) this.#pending = bytes;
    else await this.#exchange(step.name, bytes, undefined, !waits);
  }

  async came(step: Step, bytes: Buffer): Promise<void> {
    this.#notes(step.line);
    const { name, kind } = step;
    const waits = this.#someWait(step);
    if (kind === 'expect' || bytes.length > 0) await this.#exchange(name, this.#pending, bytes, !waits);
    this.#pending = undefined;
    if (kind === 'end') this.#quiet(`@${name}: the server has ended it`);
    if (kind === 'close') this.#quiet(`@${name}: the client closes it`);
    await this.#decided(step, bytes);
    for (const line of this.telling.said())
      this.#quiet(`on the server's stderr: ${escaped(withoutSecrets(line))}`);
    if (name === '' || kind !== 'expect') this.#servers.delete(name);
  }

  /** The explanations after the last exchange. */
  end(): void {
    this.#notes(Number.POSITIVE_INFINITY);
  }

  /** Whether an exchange is open that a later step speaks of: it has a deadline, so nobody is kept waiting meanwhile. */
  #someWait(step: Step): boolean {
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
    const all = this.transcript.notes;
    const due = all.slice(this.#told.notes).filter(({ line }) => line < before);
    this.#told.notes += due.length;
    const texts = due.map(({ text }) => text);
    for (const line of noteLines(texts, this.telling.look)) this.telling.print(line);
  }

  async #decided({ name, kind }: Step, bytes: Buffer): Promise<void> {
    const server = this.#servers.get(name);
    if (server === undefined || this.stage.records === undefined || !AUDITED.includes(server)) return;
    const refused = /^HTTP\/1\.1 [45]/.test(bytes.toString('latin1', 0, 12));
    const deadline = performance.now() + (refused ? PATIENCE_MS : 0);
    let records = await this.#records(server);
    const seen = this.#seen.get(server) ?? 0;
    while (records.length <= seen && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      records = await this.#records(server);
    }
    this.#seen.set(server, records.length);
    const { paint, width } = this.telling.look;
    const lines = decisionLines(records.slice(seen)).flatMap((line) => wrapProse(escaped(line), width));
    for (const line of lines) this.telling.print(paint('decided', line));
    if (lines.length === 0 && name === '' && kind === 'expect') this.#quiet('recorded: nothing');
  }

  async #records(server: ServerName): Promise<readonly unknown[]> {
    return AUDITED.includes(server) ? ((await this.stage.records?.(server)) ?? []) : [];
  }

  async #curl(bytes: Buffer, url: URL): Promise<void> {
    const { keep, print } = this.telling;
    if (keep === undefined) return;
    print('');
    const variables = this.#secretsIn(bytes);
    const line = curlLine(bytes, url, variables);
    if (line.kind === 'not') return print(`curl cannot send this: ${line.why}`);
    for (const [name, value] of Object.entries(variables)) {
      if (this.#told.variables[name] === value) continue;
      this.#told.variables[name] = value;
      print(`${name}=$(cat ${await keep(value)})`);
    }
    print(line.line);
  }

  /** Those that the transcript itself does not show. */
  #secretsIn(bytes: Buffer): Variables {
    const head = bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
    const found = {
      TOKEN: /^authorization: *bearer (\S+)$/im.exec(head)?.[1],
      SESSION: /^barewire-session: *(\S+)$/im.exec(head)?.[1],
    };
    const hidden = Object.entries(found).flatMap(([name, value = '']) =>
      value.length < SHORTEST_SECRET || this.source.includes(value) ? [] : [[name, value] as const],
    );
    return Object.fromEntries(hidden);
  }
}

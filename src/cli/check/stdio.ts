/** Speaks with a server on stdio: one process for all transcripts of an era, and one of their own for those that end it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { PassThrough, Writable } from 'node:stream';
import { parseJson } from '../../lesson/json.js';
import { Peer } from '../../lesson/player/peer.js';
import type { Stage } from '../../lesson/player/stage.js';
import { escaped } from '../../lesson/player/visible.js';
import { isAnswer } from '../../lesson/transcripts/response.js';
import type { Era } from '../../wire/revisions.js';
import { isRecord, shorten } from '../../wire/value.js';
import {
  CheckError,
  type Connection,
  type ConnectionOptions,
  handshake,
  messageFor,
  type Question,
  type Reply,
} from './connection.js';

/** How long a process may take to end by itself once its input is closed. */
const LINGER_MS = 2_000;

type Running = { child: ChildProcessWithoutNullStreams; failure: () => string | undefined };

export class StdioConnection implements Connection {
  readonly transport = 'stdio';
  readonly url = undefined;
  session: undefined;
  agreedRevision: string | undefined;
  readonly #processes = new Map<Era, Running>();
  #id = 0;
  #proposal = '';

  constructor(
    readonly command: readonly string[],
    readonly options: ConnectionOptions,
    readonly stderr: (line: string) => void,
  ) {}

  async ask(question: Question): Promise<Reply> {
    // The first message of a process decides about its era, and a handshake starts it again.
    if (question.method === 'initialize') {
      this.#proposal = question.revision;
      this.#end(question.era);
    }
    const running = await this.#processFor(question.era, question.method === 'initialize');
    return this.#exchange(running, question);
  }

  async #exchange(running: Running, question: Question): Promise<Reply> {
    this.#id += 1;
    await this.options.pace();
    const peer = windowOn(running.child);
    const nothing = { status: 0, headers: [], text: '', message: undefined };
    try {
      peer.write(Buffer.from(`${JSON.stringify(messageFor(question, this.#id))}\n`));
      if (question.notification) return nothing;
      let start = 0;
      const text = await peer.until('an answer', this.options.timeoutMs, () => {
        for (
          let end = peer.received.indexOf('\n', start);
          end >= 0;
          end = peer.received.indexOf('\n', start)
        ) {
          const line = peer.received.toString('utf8', start, end);
          start = end + 1;
          if (line.trim() !== '' && isAnswer(line)) return line;
        }
        return undefined;
      });
      const message = parseJson(text);
      return { ...nothing, text, message: isRecord(message) ? message : undefined };
    } catch (error) {
      const reason = running.failure() ?? (error instanceof Error ? error.message : String(error));
      throw new CheckError(`${this.command.join(' ')}: ${reason}`);
    } finally {
      this.options.onExchange({ line: 0, sent: peer.sent, received: peer.received, what: question.method });
      peer.drop();
    }
  }

  /** The process of that era, with its handshake done. */
  async #processFor(era: Era, opens: boolean): Promise<Running> {
    const existing = this.#processes.get(era);
    if (existing !== undefined && existing.child.exitCode === null && existing.failure() === undefined)
      return existing;
    const running = this.#start();
    this.#processes.set(era, running);
    if (era === 'legacy' && !opens) {
      const { message } = await this.#exchange(running, handshake(this.#proposal));
      const revision = isRecord(message?.result) ? String(message.result.protocolVersion) : this.#proposal;
      await this.#exchange(running, {
        era,
        revision,
        method: 'notifications/initialized',
        notification: true,
      });
    }
    return running;
  }

  async signIn(): Promise<boolean> {
    return false;
  }

  async stage(era: Era): Promise<Stage> {
    const running = await this.#processFor(era, false);
    return {
      addresses: {},
      deadlineMs: this.options.timeoutMs,
      spawnStdio: () => ({ peer: windowOn(running.child), stop: () => {} }),
    };
  }

  /** A process of its own, for a transcript that begins or ends one. */
  ownStage(): Stage {
    return {
      addresses: {},
      deadlineMs: this.options.timeoutMs,
      spawnStdio: () => {
        const { child } = this.#start();
        return { peer: new Peer(child.stdin, child.stdout), stop: () => endProcess(child) };
      },
    };
  }

  /** After an answer that did not come, the rest of its process is not to be trusted. */
  restart(): void {
    for (const era of this.#processes.keys()) this.#end(era);
  }

  #start(): Running {
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let failure: string | undefined;
    child.on('error', (error) => {
      failure = /ENOENT/.test(error.message) ? `there is no program ${program}` : error.message;
    });
    child.on('exit', (code, signal) => {
      failure ??= `the process ended with ${signal ?? `exit code ${code}`}`;
    });
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line !== '') this.stderr(escaped(shorten(line, 500)));
    });
    return { child, failure: () => failure };
  }

  #end(era: Era): void {
    const running = this.#processes.get(era);
    this.#processes.delete(era);
    if (running !== undefined) endProcess(running.child);
  }

  async close(): Promise<void> {
    for (const era of [...this.#processes.keys()]) this.#end(era);
  }
}

function endProcess(child: ChildProcessWithoutNullStreams): void {
  child.stdin.end();
  if (child.exitCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), LINGER_MS);
  child.once('exit', () => clearTimeout(timer));
}

/** The pipes of a process for one transcript: closing the peer leaves the process alone. */
function windowOn(child: ChildProcessWithoutNullStreams): Peer {
  const output = new PassThrough();
  const forward = (chunk: Buffer) => output.write(chunk);
  const end = () => output.end();
  child.stdout.on('data', forward);
  child.once('close', end);
  output.once('close', () => {
    child.stdout.off('data', forward);
    child.off('close', end);
  });
  if (child.exitCode !== null || child.stdout.readableEnded) output.end();
  const input = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      child.stdin.write(chunk, () => callback());
    },
  });
  return new Peer(input, output);
}

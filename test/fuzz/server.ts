/** The servers under test in a process of their own, and what must hold whatever a stranger sends: the invariants of the fuzzer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { tokenFor } from '../../src/app/theatre/person.js';
import { verifyAudit } from '../../src/governance/audit/verify.js';
import { FREE_PORTS, ROOT } from '../support/process.js';
import { until } from '../support/until.js';

/** Secrets of the process. None may be in an answer. */
const SECRETS = {
  BAREWIRE_OPERATOR_SECRET: 'operator-secret-of-the-fuzzer-0123456789',
  BAREWIRE_STATE_KEYS: 'c3RhdGUta2V5LW9mLXRoZS1mdXp6ZXItMDEyMzQ1Njc',
};
const MAX_WAIT_MS = 15_000;
const MAX_BLOCK_MS = 50;
const MAX_GROWTH_MIB = 10;
const MIB = 1024 * 1024;
/** Refused on purpose: an unknown method or transfer coding, a busy or stopping server, an HTTP version. */
const EXPECTED_5XX = new Set([501, 503, 505]);

type Usage = { heapUsed: number; external: number; longestMs: number | null };
/** Everything that a server sent on one connection until it closed it. */
export type Received = { text: string; status: number; body: string };

export class FuzzedServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'barewire-fuzz-'));
  readonly #child: ChildProcess;
  #output = '';
  #errors = '';
  #usage: Usage | undefined;
  #port = 0;
  token = '';

  private constructor(readonly args: readonly string[]) {
    const watch = join(ROOT, 'test/fuzz/process-watch.mjs');
    this.#child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--import',
        watch,
        'dist/server.js',
        '--audit-dir',
        this.auditDir,
        '--quota',
        '0',
        ...args,
      ],
      {
        cwd: ROOT,
        env: { ...process.env, ...FREE_PORTS, ...SECRETS, XDG_STATE_HOME: join(this.#folder, 'state') },
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      },
    );
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child.on('message', (usage) => {
      this.#usage = usage as Usage;
    });
  }

  get auditDir(): string {
    return join(this.#folder, 'audit');
  }

  /** All services over HTTP, with a token for the readonly server. */
  static async overHttp(): Promise<FuzzedServer> {
    const server = new FuzzedServer(['--sessions', '50']);
    await until(
      () => server.#output.includes('Ctrl-C stops it.') || server.#child.exitCode,
      'a start',
      120_000,
    );
    if (server.#child.exitCode !== null) throw new Error(`the server did not start: ${server.#errors}`);
    const output = stripVTControlCharacters(server.#output);
    const [, url = ''] = /^ *readonly +(http\S+)/m.exec(output) ?? [];
    const [, issuer = ''] = /^ *authserver +(http\S+)/m.exec(output) ?? [];
    server.#port = Number(new URL(url).port);
    const scope = 'postgres:query:readonly s3:list jira:read incidents:read';
    server.token = await tokenFor({ issuer, resource: url, scope });
    return server;
  }

  static onStdio(): FuzzedServer {
    return new FuzzedServer(['--stdio']);
  }

  /**
   * Sends bytes on a new connection and returns all that comes back until the server closes it. A request that the server may take for
   * incomplete gets an end: `endAfterMs` after the last byte, this side closes.
   * @throws Error if the server then keeps it open
   */
  async send(bytes: Buffer, endAfterMs = MAX_WAIT_MS): Promise<Received> {
    const socket = connect(this.#port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const end = setTimeout(() => socket.end(), endAfterMs);
    let late = false;
    const cut = setTimeout(() => {
      late = true;
      socket.destroy();
    }, MAX_WAIT_MS);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      end.refresh();
    });
    // A server that refuses a request early resets the connection.
    socket.on('error', () => {});
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
    clearTimeout(end);
    clearTimeout(cut);
    if (late) throw new Error(`no end within ${MAX_WAIT_MS / 1_000} s`);
    const text = Buffer.concat(chunks).toString('latin1');
    this.checkText(text);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
    if (status >= 500 && !EXPECTED_5XX.has(status)) throw new Error(`unexpected status ${status}: ${text}`);
    return { text, status, body: text.slice(text.indexOf('\r\n\r\n') + 4) };
  }

  /** Writes lines to stdin and returns the lines that come back once the answer to `last` is there. */
  async speak(lines: readonly string[], last: string): Promise<string[]> {
    const from = this.#output.length;
    const received = (): string => this.#output.slice(from);
    this.#child.stdin?.write(lines.map((line) => `${line}\n`).join(''));
    const end = `"id":${JSON.stringify(last)}`;
    await until(() => received().includes(end) || this.#child.exitCode, `an answer to ${last}`, MAX_WAIT_MS);
    await until(() => received().endsWith('\n'));
    this.checkText(received());
    return received().split('\n').slice(0, -1);
  }

  /** No secret is on the wire, and the process is alive. */
  checkText(text: string): void {
    for (const secret of [...Object.values(SECRETS), this.token].filter(Boolean))
      if (text.includes(secret)) throw new Error(`a secret is in an answer: ${text}`);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      throw new Error(`the process ended: ${this.#errors.slice(-2_000)}`);
    const trace = /^.*\n +at .*\n/m.exec(this.#errors)?.[0];
    if (trace !== undefined) throw new Error(`an error that nobody expected: ${trace}`);
  }

  async usage(): Promise<Usage> {
    this.#usage = undefined;
    this.#child.send?.('usage');
    return until(() => this.#usage, 'the usage of memory', MAX_WAIT_MS);
  }

  /** What must hold at the end of a run: memory is back to what it was, no turn of the event loop was long, and the audit log verifies. */
  async checkEnd(before: Usage): Promise<void> {
    const grown = async (): Promise<number> => {
      const { heapUsed, external } = await this.usage();
      return (heapUsed + external - before.heapUsed - before.external) / MIB;
    };
    const { longestMs } = await this.usage();
    if (longestMs === null) console.log('how long the event loop stands still cannot be measured here');
    if (longestMs !== null && longestMs > MAX_BLOCK_MS)
      throw new Error(`the event loop stood still for ${longestMs.toFixed(0)} ms`);
    // Buffers of closed connections go a little later.
    await until(async () => (await grown()) < MAX_GROWTH_MIB, `memory back to within ${MAX_GROWTH_MIB} MiB`);
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    const breaches: string[] = [];
    await verifyAudit(this.auditDir, {}, (finding) => {
      if (finding.breach) breaches.push(`${finding.file}:${finding.line} ${finding.detail}`);
    });
    rmSync(this.#folder, { recursive: true, force: true });
    if (breaches.length > 0) throw new Error(`the audit log does not verify: ${breaches.join('; ')}`);
  }
}

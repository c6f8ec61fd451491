/** A terminal beside running servers, as a reader of a page has it. A variable that one command sets is there for the next. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApproverPerson } from './approver.js';
import { freePort } from './free-port.js';
import { type Ended, FREE_PORTS, type Process, paste, ROOT, run } from './process.js';
import { until } from './until.js';

const PORTS: { [name: string]: string } = {
  readonly: '3000',
  destructive: '3001',
  registry: '3002',
  authserver: '3003',
};

/** The port of a server that a page has its reader start. */
const READERS_PORT = '4712';

export class Terminal {
  readonly #addresses = new Map<string, string>();
  readonly #variables: { [name: string]: string } = {};
  readonly #state = mkdtempSync(join(tmpdir(), 'barewire-page-'));
  #server: Process | undefined;
  #readersPort = READERS_PORT;

  /** `folder` is where the commands run, and where the built server is. */
  constructor(readonly folder = ROOT) {}

  async open(command = 'node dist/server.js --replica demo'): Promise<void> {
    this.#readersPort = String(await freePort());
    this.#server = this.#run(command);
    await this.#server.seen('Ctrl-C stops it.');
    const lines = this.#server
      .output()
      .matchAll(/^ {2}(readonly|destructive|registry|authserver) +(http\S+)$/gm);
    for (const [, name = '', url = ''] of lines)
      this.#addresses.set(`localhost:${PORTS[name]}`, new URL(url).host);
    await this.#bothServersChecked();
  }

  /** A reader takes longer to type than the registry takes to check both servers; a busy machine may take half a minute. */
  async #bothServersChecked(): Promise<void> {
    const search = `http://${this.here('localhost:3002')}/api/search?state=on`;
    const total = async (): Promise<number> =>
      ((await (await fetch(search)).json()) as { total: number }).total;
    await until(async () => (await total()) === 2, 'a registry that has checked both servers', 60_000);
  }

  /** The text with the addresses of the running servers in place of the default ones, and a free port for the reader's own. */
  here(text: string): string {
    let real = text.replaceAll(READERS_PORT, this.#readersPort);
    for (const [shown, host] of this.#addresses) real = real.replaceAll(shown, host);
    return real;
  }

  variable(name: string): string {
    return this.#variables[name] ?? '';
  }

  /** Pastes commands that end. The exit code is that of the last one. */
  async type(text: string): Promise<Ended> {
    const names = [...text.matchAll(/^(?:export )?([A-Z_]+)=/gm)].map(([, name = '']) => name);
    const print = names.map((name) => `printf '\\0%s' "$${name}"`).join('; ');
    const env = { ...this.#variables, XDG_STATE_HOME: this.#state };
    const ended = await paste(`${this.here(text)}\nstatus=$?\n${print}\nexit $status`, env, this.folder);
    const [stdout = '', ...values] = ended.stdout.split('\0');
    for (const [at, name] of names.entries()) this.#variables[name] = values[at] ?? '';
    return { ...ended, stdout };
  }

  /** Pastes a command that starts servers, and stops them when they are ready. Their state is not that of the running ones. */
  async start(command: string): Promise<void> {
    const started = this.#run(command, mkdtempSync(join(this.#state, 'started-')));
    await started.seen('Ctrl-C stops it.');
    started.child.kill('SIGTERM');
    await started.ended;
  }

  /** Does what a page asks its reader to do with an answer before the next command: approve the call. */
  async obey(answer: string): Promise<void> {
    const issuer = `http://${this.here('localhost:3003')}`;
    const page = /http:\/\/[^"\s]+\/approvals\/[\w-]{20,}/.exec(answer)?.[0];
    if (page !== undefined) await new ApproverPerson(new URL(page).origin, issuer).decide(page);
  }

  async close(): Promise<void> {
    this.#server?.child.kill('SIGTERM');
    await this.#server?.ended;
    rmSync(this.#state, { recursive: true, force: true });
  }

  #run(command: string, state = this.#state): Process {
    const env = { ...FREE_PORTS, ...this.#variables, XDG_STATE_HOME: state };
    // Without a build, which would change the servers of other tests while they run.
    const server = command.replace(/^npm start(?: --)?/, 'node dist/server.js');
    return run('bash', ['-c', `exec ${server}`], env, this.folder);
  }
}

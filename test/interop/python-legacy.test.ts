/**
 * The official Python client 1.x, on which many agent frameworks stand. It ends its session over any status that is no 2xx, so
 * after each refusal that another token would not mend, the same session must still list its tools.
 */
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config } from '../../src/app/settings/config.js';
import { createEndpoint, defineTool } from '../../src/index.js';
import { closeGuarded, guarded } from '../endpoint/guarded.js';
import { legacy } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { startGoverned } from '../support/governed.js';
import { tokenFor } from '../support/person.js';
import { type Process, run } from '../support/process.js';
import { reportSkip } from '../support/programs.js';
import { until, within } from '../support/until.js';
import { FOLDER, preparePython } from './oauth-python.js';

const test = suite('interop/python-legacy');
const prepared = await preparePython('requirements-1.txt');
const asking = 'python' in prepared ? test : test.skip;
if ('reason' in prepared) reportSkip('interop/python-legacy', prepared.reason);

const SILENT_MS = 20_000;
const closers: (() => unknown)[] = [];
test.after(async () => {
  for (const close of closers.reverse()) await close();
});

class Session {
  readonly #process: Process;
  readonly #lines: AsyncIterator<string>;

  constructor(url: string, token: string) {
    const python = 'python' in prepared ? prepared.python : '';
    const env = { NO_PROXY: 'localhost,127.0.0.1', PYTHONUTF8: '1' };
    this.#process = run(python, [`${FOLDER}/legacy_client.py`, url, token], env);
    const { child } = this.#process;
    if (child.stdout === null) throw new Error('no output to read');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    closers.push(() => child.kill('SIGKILL'));
  }

  send(line: object): void {
    this.#process.child.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** Its next line; a client that hangs prints nothing. */
  async next(): Promise<{ done?: unknown; failed?: string; ended?: string; session?: string }> {
    const { value, done } = await within(this.#lines.next(), 'the client says something', SILENT_MS);
    if (done === true) throw new Error(`it has ended: ${(await this.#process.ended).stderr}`);
    return JSON.parse(value);
  }

  async listsTools(): Promise<void> {
    this.send({});
    const { done } = await this.next();
    assert.ok(Array.isArray(done) && done.length > 0, `the session lists no tools: ${JSON.stringify(done)}`);
  }

  async end(): Promise<void> {
    this.#process.child.stdin?.end();
    assert.is((await this.#process.ended).code, 0);
  }
}

/** A session at a server with these settings, opened with a token of that scope. */
async function openAt(server: 'readonly' | 'destructive', scope: string, config: Partial<Config>) {
  const running = await startGoverned({ ...config, sessions: 10 });
  closers.push(() => running.close());
  const { authserver: issuer = '', [server]: resource = '' } = running.addresses;
  const session = new Session(resource, await tokenFor({ issuer, resource, scope }));
  assert.is((await session.next()).done, 'initialized');
  return { session };
}

const ISSUE = { project: 'OPS', type: 'Task', summary: 'From an old snake' };

for (const approval of ['either', 'call', 'four-eyes'] as const) {
  asking(
    `the session goes on where a person must approve (${approval}), and the page is in the message`,
    async () => {
      const { session } = await openAt('destructive', 'jira:write', { approval });
      for (let turn = 0; turn < 2; turn += 1) {
        session.send({ name: 'jira.create', arguments: ISSUE });
        const page = /a person must approve this call: http:\/\/localhost:\d+\/approvals\/[\w-]+$/;
        assert.match((await session.next()).failed ?? '', page);
        await session.listsTools();
      }
      await session.end();
    },
  );
}

asking('the session goes on where a quota is spent, and the message says when to come back', async () => {
  const quota = { all: 6_000, tools: { 's3.list': 1 } };
  const { session } = await openAt('readonly', 's3:list', { quota });
  session.send({ name: 's3.list', arguments: { bucket: 'reports' } });
  assert.equal(await session.next(), { done: true });
  session.send({ name: 's3.list', arguments: { bucket: 'reports' } });
  assert.match((await session.next()).failed ?? '', /Quota spent: .*try again in \d+ s/);
  await session.listsTools();
  await session.end();
});

asking('the session goes on where nobody can decide, and where the arguments are too long', async () => {
  // Nobody listens on port 9.
  const away = { policy: 'opa', opaUrl: 'http://127.0.0.1:9/' } as const;
  const { session } = await openAt('readonly', 's3:list', away);
  session.send({ name: 's3.list', arguments: { bucket: 'reports' } });
  assert.match((await session.next()).failed ?? '', /Unavailable: the policy cannot be asked/);
  await session.listsTools();
  await session.end();

  const other = await openAt('readonly', 's3:list', {});
  other.session.send({ name: 's3.list', arguments: { bucket: 'b'.repeat(9_000) } });
  assert.match((await other.session.next()).failed ?? '', /payload too large/);
  await other.session.listsTools();
  await other.session.end();
});

asking('the session goes on where tokens cannot be checked for a while', async () => {
  closers.push(closeGuarded);
  const sessions = { most: 2, idleMs: 60_000 };
  const { url, token, issuer } = await guarded(
    { tools: [toolOf('read')], sessions },
    { cacheMs: 0, keysMaxAgeMs: 1 },
  );
  const session = new Session(url, token());
  assert.is((await session.next()).done, 'initialized');
  // By then its notification has been accepted; a refused one has no answer, and ends this client's session.
  await session.listsTools();
  await issuer.goAway();
  session.send({ name: 'read', arguments: {} });
  const refused = await session.next();
  assert.match(refused.failed ?? JSON.stringify(refused), /Unavailable: tokens cannot be checked/);
  await issuer.comeBack();
  const back = performance.now();
  const reads = async (): Promise<boolean> => {
    session.send({ name: 'read', arguments: {} });
    return (await session.next()).done === true;
  };
  while (!(await reads())) assert.ok(performance.now() - back < 20_000, 'it did not recover');
  await session.listsTools();
  await session.end();
});

asking('the session goes on where it has too many calls at once', async () => {
  const held: (() => void)[] = [];
  const hold = defineTool({
    name: 'hold',
    title: 'Hold',
    description: 'Waits until it is let go.',
    scope: 'bench:hold',
    destructive: false,
    inputSchema: { type: 'object' },
    handler: async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return { content: [{ type: 'text', text: 'let go' }] };
    },
  });
  const sessions = { most: 2, idleMs: 60_000 };
  const endpoint = createEndpoint({ name: 'bench', version: '1', tools: [hold], sessions });
  const url = await endpoint.listen(0);
  const session = new Session(url, 'none');
  closers.push(() => endpoint.close());
  const { session: id = '' } = await session.next();
  const headers = { 'content-type': 'application/json', 'mcp-session-id': id };
  const calls = Array.from({ length: 100 }, (_, at) =>
    fetch(url, { method: 'POST', headers, body: legacy('tools/call', { name: 'hold' }, `held-${at}`) }),
  );
  await until(async () => held.length === 100);
  session.send({ name: 'hold', arguments: {} });
  assert.match((await session.next()).failed ?? '', /Busy: 100 calls of this session are running/);
  for (const letGo of held) letGo();
  assert.ok((await Promise.all(calls)).every(({ status }) => status === 200));
  await session.listsTools();
  await session.listsTools();
  await session.end();
});

test.run();

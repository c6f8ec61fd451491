/**
 * A server that follows a registry over real HTTP: what it stores on disk, and which switches apply when the disk or the registry fails.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configure } from '../src/app/settings/config.js';
import { checkTogether } from '../src/app/settings/together.js';
import { createSwitchboard } from '../src/app/switchboard.js';
import { checkFollowable, type Follower, follow } from '../src/services/registry/follow/follow.js';
import type { ServerSwitches } from '../src/services/registry/follow/stored-switches.js';
import { Fault } from '../src/wire/fault.js';
import { until } from './support/until.js';

const test = suite('follow');

const URL_HERE = 'http://localhost:3001/mcp';
const off = (...tools: string[]) => ({
  enabled: true,
  tools: Object.fromEntries(tools.map((tool) => [tool, 'off'])),
});

/** What the registry answers; undefined: it does not know the server. */
let answer: object | undefined;
let registry: Server;
let at: string;
let folder: string;
const followers: Follower[] = [];

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'follow-'));
  answer = off('jira.create');
  registry = createServer((request, response) => {
    const etag = `"${JSON.stringify(answer)?.length}"`;
    if (answer === undefined) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
test.after.each(async () => {
  await Promise.all(followers.splice(0).map((one) => one.close()));
  await goAway();
  await rm(folder, { recursive: true, force: true });
});

async function goAway(): Promise<void> {
  registry.closeAllConnections();
  await new Promise((resolve) => registry.close(resolve));
}

async function followed(file: string, given: { at?: string; url?: string } = {}) {
  const applied: ServerSwitches[] = [];
  const errors: string[] = [];
  const notices: string[] = [];
  let time = Date.now();
  const follower = await follow({
    registry: given.at ?? at,
    url: given.url ?? URL_HERE,
    file,
    apply: (switches) => applied.push(switches),
    onError: (error, event) => (error instanceof Error ? errors : notices).push(`${event}: ${String(error)}`),
    clock: () => new Date(time),
  });
  followers.push(follower);
  const later = (ms: number): Promise<void> => {
    time += ms;
    return follower.look();
  };
  return { follower, applied, errors, notices, later };
}
const kept = (file: string): Promise<unknown> => readFile(file, 'utf8').then(JSON.parse, () => undefined);

test('a failed write of the followed switches is tried again until the answer is on disk', async () => {
  const file = join(folder, 'state', 'switches-destructive.json');
  const { follower, applied, errors, later } = await followed(file);
  // A folder cannot be made where a file is.
  await writeFile(dirname(file), '');
  await follower.look();
  assert.equal(applied, [{ enabled: true, off: ['jira.create'] }]);
  assert.is(errors.length, 1);
  await later(100);
  assert.is(errors.length, 1, 'it is tried after a pause, not at each look');
  await later(1_000);
  assert.is(errors.length, 2);
  await rm(dirname(file));
  // The registry answers that nothing has changed, and is away in the end.
  await later(2_000);
  assert.equal(await kept(file), { url: URL_HERE, enabled: true, off: ['jira.create'] });
  assert.is(applied.length, 1);
});

test('a failed write is also tried again while the registry is away', async () => {
  const file = join(folder, 'state', 'switches-destructive.json');
  const { follower, later } = await followed(file);
  await writeFile(dirname(file), '');
  await follower.look();
  await goAway();
  await rm(dirname(file));
  await later(2_000);
  assert.equal(await kept(file), { url: URL_HERE, enabled: true, off: ['jira.create'] });
});

test('a file of followed switches that was removed is written again', async () => {
  const file = join(folder, 'switches-destructive.json');
  const { follower, later } = await followed(file);
  await follower.look();
  await rm(file);
  await later(2_000);
  assert.equal(await kept(file), { url: URL_HERE, enabled: true, off: ['jira.create'] });
});

test('a follower that is closed has stored the current state', async () => {
  const file = join(folder, 'state', 'switches-destructive.json');
  const { follower, applied } = await followed(file);
  const looking = follower.look();
  // A look at each turn of the event loop: the file takes several to write.
  while (applied.length === 0) await new Promise(setImmediate);
  await follower.close();
  assert.equal(await kept(file), { url: URL_HERE, enabled: true, off: ['jira.create'] });
  await looking;
});

const own = JSON.stringify({ url: URL_HERE, enabled: true, off: ['jira.create'] });
for (const [what, text, problem] of [
  ['empty', '', /is damaged/],
  ['cut off', own.slice(0, -3), /is damaged/],
  [
    'of another shape',
    JSON.stringify({ url: URL_HERE, enabled: true, off: 'jira.create' }),
    /is damaged: expected/,
  ],
  [
    'a list with what is no name',
    JSON.stringify({ url: URL_HERE, enabled: true, off: [null] }),
    /is damaged/,
  ],
  ['too large', ' '.repeat(300 * 1024) + own, /more than/],
  [
    'of another server',
    JSON.stringify({ url: 'http://localhost:1/mcp', enabled: true, off: [] }),
    /holds the switches of http:\/\/localhost:1\/mcp/,
  ],
  ['unreadable', undefined, /cannot be read/],
] as const) {
  test(`stored switches that are ${what} fail closed: every call is refused until the registry answers`, async () => {
    const file = join(folder, 'barewire', 'switches-destructive.json');
    await mkdir(text === undefined ? file : dirname(file), { recursive: true });
    if (text !== undefined) await writeFile(file, text);
    const known = answer;
    answer = undefined;
    const notices: string[] = [];
    const board = createSwitchboard(
      configure({ stateHome: folder }),
      { readonly: { tools: [] }, destructive: { tools: [] } },
      (line) => notices.push(String(line)),
    );
    try {
      const closed = board.closedOf('destructive');
      board.expect('destructive');
      assert.instance(closed(), Fault);
      await board.follow('destructive', at, URL_HERE);
      assert.instance(closed(), Fault);
      assert.match(notices[0] ?? '', problem);
      assert.match(notices[0] ?? '', 'every call of http://localhost:3001/mcp is refused');
      answer = known;
      await until(async () => closed() === undefined);
    } finally {
      await board.close();
    }
  });
}

test('if nothing was ever stored and the registry does not answer, the log says that nothing is switched off', async () => {
  await goAway();
  const { follower, notices } = await followed(join(folder, 'none.json'));
  await follower.look();
  await follower.look();
  assert.equal([follower.usable, notices.length], [true, 1]);
  assert.match(notices[0] ?? '', 'no tool of http://localhost:3001/mcp is switched off');
});

test('a registry that does not know the server is logged once, and again when it does', async () => {
  const { follower, applied, notices } = await followed(join(folder, 'kept.json'));
  await follower.look();
  answer = undefined;
  for (let look = 0; look < 5; look += 1) await follower.look();
  assert.is(notices.length, 1, notices.join('\n'));
  assert.match(notices[0] ?? '', `the registry at ${at} does not know ${URL_HERE}`);
  assert.equal([applied.length, follower.current], [1, false], 'the tool that was off stays off');
  answer = off('jira.create');
  await follower.look();
  assert.equal([follower.current, notices.length], [true, 2]);
  assert.match(notices[1] ?? '', `knows ${URL_HERE}`);
  answer = undefined;
  await follower.look();
  await follower.look();
  assert.is(notices.length, 3);
});

test('with --registry-required a server that the registry does not know refuses every call, at once', async () => {
  const config = configure({ stateHome: folder, registryRequired: true });
  const board = createSwitchboard(
    config,
    { readonly: { tools: [] }, destructive: { tools: [] } },
    () => undefined,
  );
  const closed = board.closedOf('destructive');
  try {
    await board.follow('destructive', at, URL_HERE);
    assert.is(closed(), undefined);
    answer = undefined;
    await until(async () => closed() instanceof Fault);
  } finally {
    await board.close();
  }
});

test('a clock that is set back makes no old answer a new one, and no pause between writes an hour long', async () => {
  const file = join(folder, 'state', 'switches-destructive.json');
  const { follower, errors, later } = await followed(file);
  await writeFile(dirname(file), '');
  await follower.look();
  assert.equal([follower.current, errors.length], [true, 1]);
  await rm(dirname(file));
  await goAway();
  await later(-3_600_000);
  assert.is(follower.current, false);
  assert.equal(await kept(file), { url: URL_HERE, enabled: true, off: ['jira.create'] });
});

test('an endless answer is not read to its end', async () => {
  answer = { enabled: true, tools: {}, more: 'x'.repeat(300 * 1024) };
  const { follower, applied, errors } = await followed(join(folder, 'kept.json'));
  await follower.look();
  assert.equal(applied, []);
  assert.match(errors[0] ?? '', 'answered with more than 262144 bytes');
});

test('a URL that cannot be followed is refused at the start', async () => {
  for (const [registryUrl, url, message] of [
    ['ftp://registry.example', 'https://mcp.example/mcp', /--registry-url: expected an http or https URL/],
    ['http://registry.example', 'https://mcp.example/mcp', /--registry-url: expected https/],
    ['registry.example', 'https://mcp.example/mcp', /--registry-url/],
    [
      'https://tools.example/registry',
      'https://tools.example/mcp',
      /--registry-url: expected the origin of a registry, which is served at no path/,
    ],
    [
      'https://registry.example',
      'http://localhost:3001/mcp',
      /its public URL with --readonly-url or --destructive-url/,
    ],
    ['https://registry.example', 'https://mcp.example/mcp#part', /the URL of its MCP endpoint/],
  ] as const) {
    assert.throws(() => checkFollowable(registryUrl, url), message);
    const refused = await followed(join(folder, 'x.json'), { at: registryUrl, url }).catch(
      (error: unknown) => error,
    );
    assert.match(String(refused), message);
  }
  checkFollowable('https://registry.example', 'https://mcp.example/mcp');
  checkFollowable('http://localhost:3002', 'http://localhost:3001/mcp');
});

test('a registry that would be known below a path does not start', async () => {
  const config = configure({ only: 'registry', registryUrl: 'https://tools.example/registry' });
  const refused = await checkTogether(config).catch(String);
  assert.match(
    String(refused),
    /--registry-url: expected an origin without a path, received "https:\/\/tools\.example\/registry"/,
  );
});

test('a name in the file of switches that no tool has is logged', async () => {
  const file = join(folder, 'switches.json');
  await writeFile(file, JSON.stringify({ disabled: ['jira.craete', 'jira.create'] }));
  const notices: string[] = [];
  const board = createSwitchboard(
    configure({ switches: file }),
    { readonly: { tools: [] }, destructive: { tools: [{ name: 'jira.create' }] } },
    (line, event, context) => notices.push(`${event} ${context?.about}: ${line}`),
  );
  await board.open({});
  await board.close();
  assert.equal(notices, [`switches.tool-unknown ${file}: no tool is called "jira.craete"`]);
});

test.run();

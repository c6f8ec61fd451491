/** What the client keeps, and which files it takes for its own. */
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTokenStore, type Registration, type Tokens } from '../../src/oauth/client/token-store.js';
import { refusalOf } from './site.js';

const test = suite('oauth-client/token-store');
const ISSUER = 'https://auth.example';
const ENDPOINT = 'https://mcp.example/mcp';
const any = (): boolean => true;

let folder: string;
let path: string;
test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barewire-token-store-'));
  path = join(folder, 'tokens.json');
});
test.after.each(() => rm(folder, { recursive: true }));

const registration = (clientId: string): Registration => ({ clientId, method: 'none' });
const tokensOf = (accessToken: string, more: Partial<Tokens> = {}): Tokens => ({
  endpoint: ENDPOINT,
  issuer: ISSUER,
  resource: ENDPOINT,
  clientId: 'one',
  accessToken,
  scopes: [],
  ...more,
});
const current = async (): Promise<string | undefined> =>
  (await createTokenStore(path).tokens(ENDPOINT, any))?.accessToken;

/** A file as its owner would have it. */
async function write(content: unknown): Promise<void> {
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
}

const refusal = (from = path) => refusalOf(createTokenStore(from).tokens(ENDPOINT, any));

for (const [where, hasFile] of [
  ['in memory', false],
  ['in a file', true],
] as const) {
  test(`${where}, each registration is for one authorization server, until it is removed`, async () => {
    const store = createTokenStore(hasFile ? path : undefined);
    await store.setRegistration(ISSUER, registration('one'));
    await store.setRegistration('https://other.example', registration('two'));
    assert.equal(await store.registration(ISSUER), registration('one'));
    assert.is(await store.registration(`${ISSUER}/`), undefined);
    await store.setRegistration(ISSUER, undefined);
    assert.is(await store.registration(ISSUER), undefined);
    assert.equal(await store.registration('https://other.example'), registration('two'));
    assert.equal(await readdir(folder), hasFile ? ['tokens.json'] : []);
  });

  test(`${where}, the tokens are those that came last for the endpoint and fit`, async () => {
    const store = createTokenStore(hasFile ? path : undefined);
    const find = async (fit: (tokens: Tokens) => boolean, endpoint = ENDPOINT) =>
      (await store.tokens(endpoint, fit))?.accessToken;
    await store.setTokens(tokensOf('first'));
    await store.setTokens(tokensOf('second', { clientId: 'two' }));
    await store.setTokens(tokensOf('third', { issuer: 'https://other.example' }));
    await store.setTokens(
      tokensOf('fourth', { resource: 'https://mcp.example', endpoint: 'https://mcp.example/b' }),
    );
    assert.is(await find(any), 'third');
    assert.is(await find(({ clientId }) => clientId === 'two'), 'second');
    assert.is(await find(({ issuer, clientId }) => issuer === ISSUER && clientId === 'one'), 'first');
    assert.is(await find(any, 'https://mcp.example/b'), 'fourth');
    assert.is(await find(any, 'https://mcp.example/'), undefined);
    await store.setTokens(tokensOf('renewed'));
    assert.is(await find(any), 'renewed', 'a change makes it the last');
    assert.is(await find(({ accessToken }) => accessToken === 'first'), undefined, 'the old one is gone');
  });
}

test('the file outlives the store, with all that was stored at the same time, for its owner only', async () => {
  await writeFile(`${path}.${process.pid}.new`, 'half a file', { mode: 0o644 });
  const store = createTokenStore(path);
  await Promise.all([
    store.setTokens(tokensOf('a', { refreshToken: 'r', renewAt: 7, scopes: ['x'] })),
    store.setTokens(tokensOf('b', { clientId: 'two' })),
    store.setRegistration(ISSUER, { ...registration('one'), secret: 's' }),
  ]);
  const later = createTokenStore(path);
  assert.equal(await later.registration(ISSUER), { ...registration('one'), secret: 's' });
  assert.equal(
    await later.tokens(ENDPOINT, ({ clientId }) => clientId === 'one'),
    tokensOf('a', { refreshToken: 'r', renewAt: 7, scopes: ['x'] }),
  );
  assert.is(await current(), 'b');
  assert.is((await stat(path)).mode & 0o777, 0o600);
  assert.equal(await readdir(folder), ['tokens.json']);
  const text = await readFile(path, 'utf8');
  assert.match(text, /^\{\n {2}"registrations": \{\n/, 'a person can read it');
  assert.ok(text.endsWith('}\n'));
});

test('a write that fails is told, and the next one counts', async () => {
  const below = join(folder, 'below');
  const store = createTokenStore(join(below, 'tokens.json'));
  const lost: unknown = await store.setTokens(tokensOf('a')).catch((error: unknown) => error);
  assert.is((lost as NodeJS.ErrnoException).code, 'ENOENT');
  await mkdir(below);
  await store.setTokens(tokensOf('b', { clientId: 'two' }));
  const { tokens } = createTokenStore(join(below, 'tokens.json'));
  assert.is((await tokens(ENDPOINT, any))?.accessToken, 'b');
  const earlier = await tokens(ENDPOINT, ({ clientId }) => clientId === 'one');
  assert.is(earlier?.accessToken, 'a', 'with what was not written before');
});

test('a file that is not there, or is empty, has no tokens', async () => {
  assert.is(await current(), undefined);
  await write(' \n');
  assert.is(await current(), undefined);
  await createTokenStore(path).setTokens(tokensOf('a'));
  assert.is(await current(), 'a');
});

test('a file that cannot be read is named', async () => {
  await write('');
  const below = join(path, 'tokens.json');
  const error = await refusal(below);
  assert.is(error.message, `${below} cannot be read`);
  assert.is((error.cause as NodeJS.ErrnoException).code, 'ENOTDIR');
});

for (const mode of [0o640, 0o604, 0o620, 0o601]) {
  test(`a file with mode ${mode.toString(8)} is not used`, async () => {
    await write({ registrations: {}, tokens: { a: tokensOf('planted') } });
    await chmod(path, mode);
    assert.is((await refusal()).message, `${path} holds tokens and others may read it: expected mode 600`);
    await chmod(path, 0o600);
    assert.is(await current(), 'planted', 'once it is right, it is');
  });
}

test('no file is left open, whether it was used or not', async () => {
  const open = async (): Promise<string[]> => {
    const links = (await readdir('/proc/self/fd')).map((fd) =>
      readlink(`/proc/self/fd/${fd}`).catch(() => ''),
    );
    return (await Promise.all(links)).filter((link) => link.startsWith(folder));
  };
  await write('');
  assert.is(await current(), undefined);
  assert.equal(await open(), []);
  await write('[]');
  await refusal();
  assert.equal(await open(), []);
});

test('a file that is too large is not read', async () => {
  const start = JSON.stringify({ registrations: {}, tokens: { a: tokensOf('a') } });
  await write(start.padEnd(1_048_576));
  assert.is(await current(), 'a');
  await write(start.padEnd(1_048_577));
  assert.is((await refusal()).message, `${path} is no token file: it has more than 1048576 bytes`);
});

for (const content of [
  '{',
  'null',
  '[]',
  '{}',
  { registrations: {} },
  { tokens: {} },
  { registrations: [], tokens: {} },
  { registrations: {}, tokens: 'a' },
]) {
  test(`${JSON.stringify(content)} is no token file, and stays as it is`, async () => {
    await write(content);
    const before = await readFile(path, 'utf8');
    assert.is((await refusal()).message, `${path} is no token file`);
    await createTokenStore(path)
      .setTokens(tokensOf('a'))
      .catch(() => undefined);
    assert.is(await readFile(path, 'utf8'), before);
  });
}

test('entries that are no tokens and no registrations are passed over', async () => {
  const broken: { [name: string]: unknown } = { none: null, text: 'a' };
  const { scopes: _scopes, ...withoutScopes } = tokensOf('no scopes');
  broken.scopes = withoutScopes;
  for (const name of ['endpoint', 'issuer', 'resource', 'clientId', 'accessToken'])
    broken[name] = { ...tokensOf(`no ${name}`), [name]: 7 };
  const registrations = {
    [ISSUER]: registration('one'),
    'https://a.example': { method: 'none' },
    'https://b.example': { clientId: 'two', method: 7 },
    'https://c.example': null,
  };
  await write({ registrations, tokens: { good: tokensOf('good'), ...broken } });
  const seen: unknown[] = [];
  const store = createTokenStore(path);
  for (const endpoint of [ENDPOINT, 7])
    await store.tokens(endpoint as string, ({ accessToken }) => {
      seen.push(accessToken);
      return false;
    });
  assert.equal(seen, ['good']);
  assert.equal(await store.registration(ISSUER), registration('one'));
  for (const issuer of ['https://a.example', 'https://b.example', 'https://c.example'])
    assert.is(await store.registration(issuer), undefined);
});

test.run();

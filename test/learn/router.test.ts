/** /learn over HTTP: what is there, who may ask for it, and what a try must look like. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLearnPages } from '../../src/lesson/learn/router.js';
import { createTries } from '../../src/lesson/learn/tries.js';
import { course, PING, sourceOf } from './lesson.js';

const test = suite('learn/router');
const said: string[] = [];
let server: Server;
let origin: string;

test.before(async () => {
  const pages = createLearnPages({
    openCourse: () => course,
    tries: createTries(
      () => course,
      async () => {
        throw new Error('the servers do not start: /a/secret/path');
      },
    ),
    links: () => ({ registry: 'http://localhost:1/' }),
    traceOf: (number) => `/trace/${number}`,
    onError: (error, about) => said.push(`${about}: ${error}`),
  });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname;
    if (!pages.handle(request, response, path)) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, init);
const own = (): { [name: string]: string } => ({ origin, 'content-type': 'application/json' });
async function post(body: string, headers: { [name: string]: string }, page = 'send') {
  const response = await get(`/learn/${page}`, { method: 'POST', body, headers });
  const { error } = (await response.json()) as { error?: { message: string } };
  return { status: response.status, message: error?.message ?? '' };
}

for (const [path, title] of [
  ['/learn', 'Learn MCP by speaking it'],
  ['/learn/', 'Learn MCP by speaking it'],
  ['/learn/01-one-request', 'One request'],
  ['/learn/01-one-request/', 'One request'],
  [`/learn/${PING.replace('.wire', '')}`, 'Answers'],
] as const)
  test(`${path} is a page, in no cache and with scripts of this server alone`, async () => {
    const response = await get(path);
    assert.is(response.status, 200);
    assert.match(await response.text(), new RegExp(`<title>${title === 'Answers' ? '' : title}`));
    assert.match(response.headers.get('content-security-policy') ?? '', "script-src 'self'");
    assert.is(response.headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.is(response.headers.get('cache-control'), 'no-store');
  });

test('a transcript can be saved as the file that it is', async () => {
  const response = await get(`/learn/${PING}`);
  assert.match(response.headers.get('content-type') ?? '', 'text/plain');
  assert.is(
    response.headers.get('content-disposition'),
    `attachment; filename="${PING.replace(/^.*\//, '')}"`,
  );
  assert.is(await response.text(), sourceOf(PING));
});

test('style and script are there', async () => {
  assert.match(await (await get('/learn/style.css')).text(), '.exchange');
  assert.match((await get('/learn/script.js')).headers.get('content-type') ?? '', 'text/javascript');
});

for (const path of [
  '/learn/02',
  '/learn/01-one-request/no-such',
  '/learn/01-one-request/exercise',
  '/learn/01-one-request/README.md',
  `/learn/${PING}/more`,
  '/learn/..%2f..%2fpackage.json',
  '/learn/01-one-request/..%2f..%2fpackage',
  '/learn/style',
])
  test(`${path} is not there: 404, and where the lesson begins`, async () => {
    const response = await get(path);
    assert.is(response.status, 404);
    assert.match(await response.text(), 'the lesson begins at /learn');
  });

test('other paths are left to others', async () => {
  for (const path of ['/', '/learning', '/mcp']) assert.is((await get(path)).status, 418, path);
});

test('pages are read with GET or HEAD', async () => {
  const head = await get('/learn', { method: 'HEAD' });
  assert.equal([head.status, await head.text()], [200, '']);
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const response = await get('/learn/01-one-request', { method });
    assert.equal([response.status, response.headers.get('allow')], [405, 'GET, HEAD'], method);
    assert.match(await response.text(), `received ${method}`);
  }
});

test('a try is accepted as JSON from these pages only', async () => {
  for (const page of ['send', 'check']) {
    const asked = JSON.stringify({ file: PING, turn: 0 });
    const get405 = await get(`/learn/${page}`);
    assert.equal([get405.status, get405.headers.get('allow')], [405, 'POST']);
    const json = { 'content-type': 'application/json' };
    for (const headers of [
      json,
      { ...json, origin: 'http://evil.example' },
      { ...json, origin: 'null' },
      { ...own(), 'sec-fetch-site': 'cross-site' },
    ]) {
      const { status, message } = await post(asked, headers, page);
      assert.is(status, 403, JSON.stringify(headers));
      assert.match(message, `expected it from ${origin}, received Origin`);
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const { status, message } = await post(asked, { ...own(), 'content-type': type }, page);
      assert.is(status, 415);
      assert.match(message, `received "${type}"`);
    }
    const large = await post('x'.repeat(256 * 1024 + 1), own(), page);
    assert.is(large.status, 413);
    assert.match(large.message, 'at most 262144 bytes');
  }
});

test('a try that cannot be used gets 400 with the reason, and nothing is logged', async () => {
  assert.equal((await post('no json', own())).status, 400);
  const { status, message } = await post('{"file":"../package.json","turn":0}', own());
  assert.is(status, 400);
  assert.match(message, 'file: expected the path of a transcript, received "../package.json"');
  const values = await post('{"file":"01-one-request/exercise.wire","values":"x"}', own(), 'check');
  assert.match(values.message, 'values: expected at most 50 texts');
  assert.equal(said, []);
});

test('a fault of the server is in the log, and the page gives no details', async () => {
  const { status, message } = await post(JSON.stringify({ file: PING, turn: 0 }), own());
  assert.is(status, 500);
  assert.match(message, 'its server says why on stderr');
  assert.not.match(message, 'secret');
  assert.equal(said.splice(0), ['lesson.failed: Error: the servers do not start: /a/secret/path']);
});

test.run();

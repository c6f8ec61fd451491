/** The start page, and who gets it: a browser that asks for the root of an MCP endpoint's port. */
import { createServer } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isLocalOnly, linksOf } from '../../src/app/links.js';
import { configure } from '../../src/app/settings/config.js';
import { withStartPage } from '../../src/app/start-page.js';
import type { Verifier } from '../../src/oauth/verifier.js';
import type { Links } from '../../src/pages/bar.js';
import { startPage } from '../../src/pages/start.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { browserFor, checkReadable, closeBrowser, withPage } from '../interop/browser.js';

const test = suite('pages/start');
const check = browserFor('pages/start') ? test : test.skip;
const LINKS: Links = {
  start: 'http://localhost:3000/',
  learn: 'http://localhost:3000/learn',
  registry: 'http://localhost:3002/',
  approvals: 'http://localhost:3001/approvals',
  signin: 'http://localhost:3003/',
};
const VIEW = { commands: ['TOKEN=…', `curl -s x -d '${'{"a":"b"},'.repeat(20)}'`], isTraced: false };

const pages = withStartPage(
  () => LINKS,
  () => VIEW,
  undefined,
)?.({ resource: 'http://localhost:3000/mcp', verifier: {} as Verifier });
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pages?.handle(request, response, pathname) !== true) response.writeHead(404).end('not here');
});
let origin = '';
test.before(async () => {
  origin = `http://localhost:${await listen(server, 0, '127.0.0.1')}`;
});
test.after(async () => {
  await closeBrowser();
  await close(server, 100);
});

test('a browser gets the page, and a program the answer that it always got', async () => {
  const get = async (headers: { [name: string]: string }, method = 'GET', path = '/') =>
    (await fetch(`${origin}${path}`, { method, headers })).status;
  assert.is(await get({ accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }), 200);
  for (const accept of ['*/*', 'application/json', 'application/json, text/event-stream', 'text/htmlx'])
    assert.is(await get({ accept }), 404, accept);
  assert.is(await get({ accept: 'text/html' }, 'POST'), 404);
  assert.is(await get({ accept: 'text/html' }, 'GET', '/mcp'), 404);
  assert.is(await get({}, 'GET', '/start.css'), 200);
});

test('it links the running services, and has one loud button', () => {
  const page = startPage(VIEW)(LINKS);
  for (const address of Object.values(LINKS))
    if (address !== LINKS.start) assert.match(page, `href="${address}"`);
  assert.is(page.match(/btn go/g)?.length, 1);
  assert.match(page, 'npm start -- --trace');
  const alone = startPage({ ...VIEW, isTraced: true })({});
  assert.not.match(alone, /href="http|btn go|--trace/);
  assert.match(alone, 'it is in the terminal');
});

test('only services in this process are linked, under their public address, and never the trace', () => {
  const addresses = {
    destructive: 'https://mcp.example.com/mcp',
    registry: 'https://registry.example.com',
  };
  assert.equal(linksOf(addresses, false, false), {
    start: undefined,
    learn: undefined,
    registry: 'https://registry.example.com/',
    approvals: 'https://mcp.example.com/approvals',
    signin: undefined,
  });
  assert.is(linksOf({ destructive: 'http://localhost:1/mcp' }, true, true).start, 'http://localhost:1/');
  assert.is(linksOf({ registry: 'http://localhost:2' }, true, true).start, undefined);
});

test('the start page is there on loopback alone', () => {
  assert.is(isLocalOnly(configure({})), true);
  assert.is(isLocalOnly(configure({ host: '0.0.0.0' })), false);
  assert.is(isLocalOnly(configure({ readonlyUrl: 'https://mcp.example.com/mcp' })), false);
  assert.is(isLocalOnly(configure({ readonlyUrl: 'http://localhost:3000/mcp' })), true);
});

for (const colorScheme of ['light', 'dark'] as const) {
  check(`everybody can read it, ${colorScheme}, on a desktop and on a phone`, async () => {
    for (const width of [1280, 375])
      await withPage({ colorScheme, viewport: { width, height: 800 } }, async (page) => {
        await page.goto(origin);
        await checkReadable(page, `${width}`);
        await page.keyboard.press('Tab');
        assert.is(await page.evaluate('document.activeElement.textContent'), 'To the content');
      });
  });
}

test.run();

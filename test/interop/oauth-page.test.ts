/**
 * A web page as a client: the official TypeScript client runs inside Chromium, on a loopback origin that is none of the
 * servers'. Whatever it reads, the browser lets it read.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { browserFor, closeBrowser, Person } from './browser.js';
import { openServers, type Servers } from './oauth-servers.js';

const test = suite('interop/oauth-page');
const asking = browserFor('interop/oauth-page') ? test : test.skip;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES: { [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};

/** The page, and the client as its package ships it. */
const site = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = pathname.startsWith('/node_modules/')
    ? pathname
    : `/test/interop/page${pathname === '/' ? '/index.html' : pathname}`;
  readFile(`${ROOT}${path}`).then(
    (text) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(text),
    () => response.writeHead(404).end(),
  );
});

let servers: Servers;
let person: Person;
let home: string;

test.before(async () => {
  if (asking !== test) return;
  servers = await openServers();
  home = `http://localhost:${await listen(site, 0, '127.0.0.1')}/`;
  person = await Person.arrive('page');
});
test.after(async () => {
  if (asking !== test) return;
  await closeBrowser();
  await servers.close();
  await close(site, 0);
});

const atIssuer = (page: Page): Promise<void> =>
  page.waitForURL(({ origin }) => origin === servers.authserver, { waitUntil: 'load' });

async function outcome(page: Page): Promise<unknown> {
  const said = page.locator('#said', { hasText: /./ });
  await said.waitFor();
  return JSON.parse(await said.innerText());
}

function wanting(server: URL, name: string, args: JsonObject): string {
  return `${home}?${new URLSearchParams({ server: server.href, name, args: JSON.stringify(args) })}`;
}

asking('a page finds its way from the URL to a tool', async () => {
  const page = await person.open(
    wanting(servers.readonly, 'postgres.readonly', { sql: 'select 42 as n' }),
    'commit',
  );
  await atIssuer(page);
  const seen = await person.decide(page, servers.authserver);
  assert.equal(
    seen.map(({ title }) => title),
    ['Sign in', 'Allow access for “A page”?'],
  );
  const said = await outcome(page);
  assert.ok(isRecord(said) && isRecord(said.done), JSON.stringify(said));
  assert.equal(said.done.rows, [[42]]);
  await page.close();
});

asking('a page is refused a change, has a person asked, and changes something', async () => {
  const issue = { project: 'OPS', type: 'Task', summary: 'Read the wire in a page' };
  const page = await person.open(wanting(servers.destructive, 'jira.create', issue), 'commit');
  for (const title of ['Allow access for “A page”?', 'Approve what “A page” wants to do?']) {
    await atIssuer(page);
    const seen = await person.decide(page, servers.authserver);
    assert.equal(
      seen.map((one) => one.title),
      ['Sign in', title],
    );
  }
  const said = await outcome(page);
  assert.ok(isRecord(said) && isRecord(said.done) && isRecord(said.done.issue), JSON.stringify(said));
  assert.is(said.done.issue.summary, issue.summary);
  await page.close();
});

// Clients fall back when a page is not let through, so that some of this would go unnoticed above.
asking('a page may read what every endpoint says, whichever headers it sends', async () => {
  const page = await person.open(`${home}program.js`);
  const mcp = servers.readonly.href;
  const { origin } = servers.readonly;
  const issuer = servers.authserver;
  const version = { 'mcp-protocol-version': '2025-11-25', accept: 'application/json' };
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const call = {
    ...json,
    'mcp-method': 'tools/list',
    'mcp-protocol-version': '2026-07-28',
    authorization: 'Bearer x',
  };
  const requests: [address: string, init: RequestInit, status: number][] = [
    [mcp, { method: 'POST', headers: call, body: '{}' }, 401],
    [`${origin}/.well-known/oauth-protected-resource/mcp`, { headers: version }, 200],
    [`${origin}/.well-known/oauth-protected-resource`, { headers: version }, 200],
    [`${origin}/.well-known/oauth-authorization-server`, { headers: version }, 200],
    [`${issuer}/.well-known/oauth-authorization-server`, { headers: version }, 200],
    [`${issuer}/.well-known/openid-configuration`, { headers: version }, 200],
    [`${issuer}/jwks`, { headers: version }, 200],
    [`${issuer}/register`, { method: 'POST', headers: { ...version, ...json }, body: '{}' }, 400],
    [`${issuer}/token`, { method: 'POST', headers: { ...version, ...form }, body: 'grant_type=x' }, 400],
    [`${issuer}/revoke`, { method: 'POST', headers: { ...version, ...form }, body: 'token=x' }, 400],
    [
      `${issuer}/device_authorization`,
      { method: 'POST', headers: { ...version, ...form }, body: 'scope=x' },
      400,
    ],
  ];
  const answers = await page.evaluate(
    (asked) =>
      Promise.all(
        asked.map(async ([address, init]) => {
          try {
            const response = await fetch(address, init);
            const challenge = response.headers.get('www-authenticate');
            return { address, status: response.status, challenge, text: await response.text() };
          } catch (error) {
            return { address, status: 0, challenge: null, text: String(error) };
          }
        }),
      ),
    requests,
  );
  assert.equal(
    answers.map(({ address, status, text }) => [address, status, status === 0 ? text : '']),
    requests.map(([address, , status]) => [address, status, '']),
  );
  assert.match(answers[0]?.challenge ?? '', /^Bearer error="invalid_token".*resource_metadata="http/);
  await page.close();
});

test.run();

/**
 * mcp-remote, the bridge by which programs that only speak stdio reach servers like these: it is given a URL, prints
 * the address that a person has to open, and hands calls through. Fetched by npm at the version named here.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord } from '../../src/wire/value.js';
import { reportSkip } from '../support/programs.js';
import { until } from '../support/until.js';
import { browserFor, closeBrowser, Person } from './browser.js';
import { openServers, type Servers } from './oauth-servers.js';

const PACKAGE = 'mcp-remote@0.15.1';
const FETCH_MS = 90_000;
/** What people take to read and press, and more. */
const PATIENCE_MS = 120_000;

const test = suite('interop/oauth-mcp-remote');
const script = browserFor('interop/oauth-mcp-remote') ? await fetched() : undefined;
const asking = script === undefined ? test.skip : test;

/** Where npm has put it; undefined, and a line that says why, where it cannot. */
async function fetched(): Promise<string | undefined> {
  try {
    const which = ['exec', '--yes', '--package', PACKAGE, '-c', 'command -v mcp-remote'];
    const { stdout } = await promisify(execFile)('npm', which, { timeout: FETCH_MS });
    return stdout.trim();
  } catch (error) {
    const [line] = String(error).split('\n');
    reportSkip('interop/oauth-mcp-remote', `npm cannot fetch ${PACKAGE}: ${line}`);
    return undefined;
  }
}

let servers: Servers;
let person: Person;
let folder: string;
const bridges: Bridge[] = [];

test.before(async () => {
  if (script === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'barewire-remote-'));
  servers = await openServers(undefined, 'token');
  person = await Person.arrive('mcp-remote');
});
test.after(async () => {
  if (script === undefined) return;
  await Promise.all(bridges.map(({ client }) => client.close()));
  await closeBrowser();
  await servers.close();
  await rm(folder, { recursive: true, force: true });
});

type Bridge = { client: Client; connect(): Promise<void>; visits: Promise<string[]>[] };

function bridge(url: URL): Bridge {
  const transport = new StdioClientTransport({
    command: process.execPath,
    // Port 0 has it take a free one.
    args: [script ?? '', url.href, '0', '--allow-http'],
    // What it would open a browser with: the person here has one of their own.
    env: { ...getDefaultEnvironment(), MCP_REMOTE_CONFIG_DIR: folder, BROWSER: 'true' },
    stderr: 'pipe',
  });
  const { stderr } = transport;
  if (!(stderr instanceof Readable)) throw new Error('no log to read');
  const client = new Client({ name: 'interop', version: '1.0.0' });
  const visits: Promise<string[]>[] = [];
  let last = '';
  createInterface({ input: stderr }).on('line', (line) => {
    const [address] = /http:\S+\/authorize\?\S+/.exec(line) ?? [];
    if (address === undefined || address === last) return;
    last = address;
    const visit = titles(new URL(address));
    visits.push(visit);
    // Nobody will answer a call that waits for this person.
    visit.catch(() => client.close());
  });
  const made = { client, visits, connect: () => client.connect(transport, { timeout: PATIENCE_MS }) };
  bridges.push(made);
  return made;
}

async function titles(address: URL): Promise<string[]> {
  await listening(new URL(address.searchParams.get('redirect_uri') ?? ''));
  return (await person.visit(address)).map(({ title }) => title);
}

/** It prints the address before its own page can be reached. */
async function listening({ port }: URL): Promise<void> {
  const found = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.unref().once('connect', () => socket.destroy());
    });
  await until(found, `somebody listens at ${port}`, PATIENCE_MS);
}

asking('it finds its way from the URL to the tools, by way of a person', async () => {
  const reading = bridge(servers.readonly);
  await reading.connect();
  const { tools } = await reading.client.listTools();
  assert.is(tools.length, 5);
  const sql = { name: 'postgres.readonly', arguments: { sql: 'select 6 * 7 as answer' } };
  const { structuredContent } = await reading.client.callTool(sql);
  assert.equal(isRecord(structuredContent) && structuredContent.rows, [[42]]);
  assert.equal(await Promise.all(reading.visits), [['Sign in', 'Allow access for “MCP CLI Proxy”?']]);
});

asking('it is refused a change, has a person asked, and changes something, all in one call', async () => {
  const changing = bridge(servers.destructive);
  await changing.connect();
  const issue = { project: 'OPS', type: 'Task', summary: 'Read the wire from afar' };
  const { structuredContent } = await changing.client.callTool(
    { name: 'jira.create', arguments: issue },
    { timeout: PATIENCE_MS },
  );
  assert.ok(isRecord(structuredContent) && isRecord(structuredContent.issue));
  assert.is(structuredContent.issue.summary, issue.summary);
  assert.equal(await Promise.all(changing.visits), [
    ['Sign in', 'Allow access for “MCP CLI Proxy”?'],
    ['Sign in', 'Approve what “MCP CLI Proxy” wants to do?'],
  ]);
  assert.equal(person.complaints, []);
});

test.run();

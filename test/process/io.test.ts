/**
 * A governed call does nothing with files or the network but write its audit record: keys, policy, schemas and the state
 * of the registry are at hand. Checked on the built server, which counts its own operations.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../support/free-port.js';
import { signToken, TestIssuer } from '../support/issuer.js';
import { ROOT, runServer } from '../support/process.js';
import { until } from '../support/until.js';

const test = suite('process/io');
const CALLS = 400;
/** Work beside the calls, such as the check of the disk once a second, is small, however many calls there are. */
const BESIDE = CALLS / 4;

type Counts = { [what: string]: number };

const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const WIRES = {
  modern: {
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'add' },
    more: { _meta: MODERN },
  },
  legacy: { headers: { 'mcp-protocol-version': '2025-11-25' }, more: {} },
};

test('a governed call writes its audit record, and does nothing else with files or the network', async () => {
  const issuer = await TestIssuer.start();
  const folder = mkdtempSync(join(tmpdir(), 'barewire-io-'));
  const port = await freePort();
  const resource = `http://localhost:${port}/mcp`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const server = runServer(
    [
      ...['--only', 'readonly', '--readonly-port', String(port), '--issuer', issuer.issuer],
      ...['--tools', join(ROOT, 'test/process/io/add.mjs'), '--audit-dir', folder],
    ],
    { NODE_OPTIONS: `--import ${join(ROOT, 'test/process/io/count.mjs')}` },
  );
  try {
    await server.seen('Ctrl-C stops it.');
    const [key] = issuer.keys;
    if (key === undefined) throw new Error('the issuer has no key');
    const now = Math.floor(Date.now() / 1_000);
    const token = signToken(key, {
      iss: issuer.issuer,
      aud: resource,
      sub: 'alice',
      client_id: 'io',
      iat: now,
      exp: now + 600,
      scope: 'math:add',
    });
    for (const [era, { headers, more }] of Object.entries(WIRES)) {
      const call = async (a: number): Promise<number> => {
        const params = { name: 'add', arguments: { a, b: 1 }, ...more };
        const body = JSON.stringify({ jsonrpc: '2.0', id: a, method: 'tools/call', params });
        const sent = { ...headers, 'content-type': 'application/json', authorization: `Bearer ${token}` };
        const answer = JSON.parse(await posted(port, agent, sent, body));
        return answer.result.structuredContent.sum;
      };
      // Keys are fetched, the connection and the log are opened.
      assert.is(await call(1), 2, server.output());
      await counted(server);
      for (let a = 1; a <= CALLS; a += 1) assert.is(await call(a), a + 1);
      // After a slow write, which a busy machine has, the next ones go through a thread.
      const { writeSync = 0, FSREQCALLBACK = 0, ...others } = await counted(server);
      const writes = writeSync + FSREQCALLBACK;
      // Calls that come together share a write; these came one after another.
      assert.ok(writes >= CALLS && writes <= CALLS + 2 * BESIDE, `${era}: ${writes} writes`);
      for (const [what, count] of Object.entries(others))
        assert.ok(count <= BESIDE, `${era}: ${what} ${count} times in ${CALLS} calls`);
    }
  } finally {
    agent.destroy();
    server.child.kill('SIGTERM');
    await server.ended;
    await issuer.goAway();
    rmSync(folder, { recursive: true, force: true });
  }
});

type Server = ReturnType<typeof runServer>;

/** What was counted since the last time. */
async function counted({ child }: Server): Promise<Counts> {
  let seen = '';
  const listen = (chunk: Buffer) => {
    seen += chunk;
  };
  child.stderr?.on('data', listen);
  child.kill('SIGUSR2');
  const line = await until(() => /^io (.*)\n/m.exec(seen)?.[1], 'a line of counts on stderr');
  child.stderr?.off('data', listen);
  return JSON.parse(line);
}

function posted(
  port: number,
  agent: Agent,
  headers: { [name: string]: string },
  body: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path: '/mcp', method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test.run();

/**
 * The operator's pages, seen through nginx and HAProxy with nothing configured except the target. Such a
 * proxy has a local address, may send a local Host, and adds no header that reveals it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../support/free-port.js';
import { type Process, run, runServer } from '../support/process.js';
import { findProgram, needing } from '../support/programs.js';
import { until } from '../support/until.js';

const test = suite('process/proxied');
const READY = 'Ctrl-C stops it.';
const folder = mkdtempSync(join(tmpdir(), 'barewire-proxied-'));
const started: Process[] = [];
test.after(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

const CONFIGURATIONS = {
  nginx: (port: number, to: string) => `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://${to}; } }
}
`,
  haproxy: (port: number, to: string) => `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen all
  bind 127.0.0.1:${port}
  server one ${to}
`,
} as const;

async function proxied(name: keyof typeof CONFIGURATIONS, to: string): Promise<string> {
  const port = await freePort();
  const file = join(folder, `${name}-${port}.conf`);
  writeFileSync(file, CONFIGURATIONS[name](port, to));
  const flags = name === 'nginx' ? ['-p', folder, '-c', file] : ['-db', '-f', file];
  started.push(run(findProgram(name) ?? name, flags));
  const origin = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${origin}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return origin;
}

const addressOf = (output: string, name: string): URL =>
  new URL(new RegExp(`^ {2}${name} +(http\\S+)$`, 'm').exec(output)?.[1] ?? 'none:');

for (const name of ['nginx', 'haproxy'] as const) {
  needing(
    test,
    `process/proxied (${name})`,
    name,
  )(`${name} as it comes shows neither trace nor metrics to who lacks the secret`, async () => {
    const server = runServer(['--trace']);
    started.push(server);
    await server.seen(READY);
    for (const service of ['readonly', 'registry']) {
      const { port } = addressOf(server.output(), service);
      const origin = await proxied(name, `localhost:${port}`);
      for (const host of [undefined, `localhost:${port}`, `127.0.0.1:${port}`]) {
        const headers = host === undefined ? {} : { 'x-forwarded-host': host, 'x-real-ip': '127.0.0.1' };
        for (const path of ['/metrics', '/trace', '/trace/events', '/trace/1.wire', '/metrics/readonly'])
          assert.is((await fetch(`${origin}${path}`, { headers })).status, 404, path);
      }
    }
    // The secret, and nothing else, opens them, also this way.
    const readonly = await proxied(name, `localhost:${addressOf(server.output(), 'readonly').port}`);
    for (const shown of ['metrics', 'trace'])
      assert.is((await fetch(`${readonly}${addressOf(server.output(), shown).pathname}`)).status, 200);
  });
}

test('with a public URL neither is served, not even with the secret, and the metrics port still is', async () => {
  const secret = 'an-operators-secret-of-a-file';
  const file = join(folder, 'secret');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  const metricsPort = await freePort();
  const given = ['--operator-secret-file', file, '--trace', '--only', 'readonly'];
  const issuer = ['--issuer', 'https://login.example.com', '--readonly-url', 'https://mcp.example.com/mcp'];
  const port = await freePort();
  const behind = runServer([
    ...given,
    ...issuer,
    '--metrics-port',
    `${metricsPort}`,
    '--readonly-port',
    `${port}`,
  ]);
  started.push(behind);
  await behind.seen(READY);
  const headers = { authorization: `Bearer ${secret}` };
  assert.not.match(behind.output(), secret);
  for (const path of ['/metrics', `/metrics/${secret}`, '/trace', `/trace/${secret}`])
    assert.is((await fetch(`http://localhost:${port}${path}`, { headers })).status, 404, path);
  const scraped = await fetch(`http://127.0.0.1:${metricsPort}/metrics/readonly`);
  assert.match(await scraped.text(), 'process_uptime_seconds');
  for (const path of ['/metrics', '/metrics/registry', '/metrics/constructor', '/trace'])
    assert.is((await fetch(`http://127.0.0.1:${metricsPort}${path}`)).status, 404, path);

  const plain = runServer(given);
  started.push(plain);
  await plain.seen(READY);
  const { origin } = addressOf(plain.output(), 'readonly');
  assert.is((await fetch(`${origin}/metrics`, { headers })).status, 200);
  assert.is((await fetch(`${origin}/trace/${secret}`)).status, 200);
  assert.is((await fetch(`${origin}/metrics`)).status, 404);
});

test('a file without a secret is refused at the start, and what it holds is not repeated', async () => {
  const file = join(folder, 'short');
  writeFileSync(file, 'pässword', { mode: 0o600 });
  const { code, stderr } = await runServer(['--operator-secret-file', file]).ended;
  assert.is(code, 2);
  assert.match(stderr, /--operator-secret-file: expected 20 to 200 letters, .* received 8 characters/);
  assert.not.match(stderr, 'pässword');
});

test.run();

/**
 * What an operator sees when a certificate has expired and when the clock of the machine is off: the line in the log, the metric, and
 * the alert that fires on it, as the runbook's table of failures says.
 */
import { get } from 'node:https';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSamples } from '../../src/services/exposition.js';
import { assertAlerts, type Scrape } from '../support/alerts.js';
import { Authority } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { TestIssuer } from '../support/issuer.js';
import { logLines } from '../support/log-lines.js';
import { type Process, runServer } from '../support/process.js';
import { needing } from '../support/programs.js';

const test = suite('process/failures-of-time');
const started: Process[] = [];
test.after(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
});

async function startServer(flags: readonly string[], env: { [name: string]: string } = {}) {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const ports = ['--readonly-port', String(port), '--metrics-port', String(metricsPort)];
  const server = runServer(['--only', 'readonly', ...ports, ...flags], env);
  started.push(server);
  await server.seen('Ctrl-C stops it.');
  const logged = (event: string) => logLines(server.errors()).filter((line) => line.event === event);
  return { port, metricsPort, logged };
}

const metricOf = (
  { text }: Scrape,
  name: string,
  labels: { [label: string]: string } = {},
): number | undefined =>
  readSamples(text).find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;

function scrapeTls(port: number, trusted?: string): Promise<Scrape> {
  const trust = trusted === undefined ? { rejectUnauthorized: false } : { ca: trusted };
  return new Promise((resolve, reject) => {
    get({ host: 'localhost', port, path: '/metrics/readonly', ...trust }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ atMs: Date.now(), text }));
    }).on('error', reject);
  });
}

needing(
  test,
  'process/failures-of-time: certificates',
  'openssl',
)(
  'a certificate that has expired, or soon does, is logged, shown, and alerted of; a good one is not',
  async () => {
    const authority = new Authority();
    for (const [days, level, event, isAlerted] of [
      [-1, 'error', 'tls.certificate-expired', true],
      [3, 'warn', 'tls.certificate-doubtful', true],
      [30, undefined, undefined, false],
    ] as const) {
      const { certFile, keyFile } = authority.issue(['localhost'], days);
      const server = await startServer(['--tls-cert', certFile, '--tls-key', keyFile]);
      const refusal = await scrapeTls(server.metricsPort, authority.cert).then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error.code,
      );
      assert.is(refusal, days < 0 ? 'CERT_HAS_EXPIRED' : undefined);
      const scrape = await scrapeTls(server.metricsPort);
      for (const name of ['tls.certificate-expired', 'tls.certificate-doubtful']) {
        const lines = server.logged(name);
        assert.equal(
          lines.map((line) => [line.level, /it expire[sd] on \d{4}-/.test(line.message), line.about]),
          name === event ? [[level, true, certFile]] : [],
        );
        assert.is(metricOf(scrape, 'barewire_log_events_total', { event: name }) ?? 0, lines.length);
      }
      const expiry = metricOf(scrape, 'barewire_certificate_expiry_timestamp_seconds') ?? 0;
      assert.ok(Math.abs(expiry - scrape.atMs / 1_000 - days * 86_400) < 3_600, String(expiry));
      assertAlerts([scrape], { BarewireCertificateExpires: isAlerted });
    }
  },
);

/** Moves the clock of a process, as far as JavaScript sees it. */
const clockOffBy = (ms: number): { NODE_OPTIONS: string } => {
  const source = `const Real = Date;
    const now = () => Real.now() + ${ms};
    globalThis.Date = class Date extends Real {
      constructor(...parts) { super(...(parts.length === 0 ? [now()] : parts)); }
      static now() { return now(); }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(source)}` };
};

test('a clock that is ten minutes slow refuses new tokens, and both are logged, shown, and cause an alert', async () => {
  const issuer = await TestIssuer.start();
  for (const [offS, isOff] of [
    [-600, true],
    [0, false],
  ] as const) {
    const server = await startServer(['--issuer', issuer.issuer], clockOffBy(offS * 1_000));
    const url = `http://localhost:${server.port}/mcp`;
    const scrapes: Scrape[] = [];
    for (let minute = 0; minute < 8; minute += 1) {
      const now = Math.floor(Date.now() / 1_000);
      const claims = { iss: issuer.issuer, sub: 'ada', aud: url, client_id: 'c', scope: 'jira:read' };
      const token = issuer.sign({ ...claims, iat: now, exp: now + 3_600, jti: String(minute) });
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
      await response.text();
      assert.is(response.status, isOff ? 401 : 200);
      const scraped = await fetch(`http://127.0.0.1:${server.metricsPort}/metrics/readonly`);
      scrapes.push({ text: await scraped.text(), atMs: Date.now() });
    }
    const last = scrapes.at(-1);
    assert.ok(last);
    const difference = (metricOf(last, 'barewire_clock_seconds') ?? 0) - last.atMs / 1_000;
    assert.ok(Math.abs(difference - offS) < 2, String(difference));
    const refused = metricOf(last, 'mcp_authorization_refused_total', { reason: 'issued_in_future' });
    assert.is(refused ?? 0, isOff ? 8 : 0);
    const lines = server.logged('auth.token-refused');
    assert.is(
      lines.filter(({ message }) => /"iat" is \d+, and now it is \d+/.test(message)).length > 0,
      isOff,
    );
    assertAlerts(scrapes, { BarewireClockOff: isOff, BarewireTokensFromFuture: isOff }, scrapes.length);
  }
  await issuer.goAway();
});

test.run();

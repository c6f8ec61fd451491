/**
 * The file that the page tells users to import, against a collector of OpenTelemetry: the real one where there is a program `otelcol`,
 * and otherwise a receiver of OTLP in this test.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { legacy } from '../http/wire.js';
import { freePort } from '../support/free-port.js';
import { findProgram, reportSkip } from '../support/programs.js';
import { until } from '../support/until.js';

const test = suite('process/collector');
const folder = mkdtempSync(join(tmpdir(), 'collector-test-'));
const endings: (() => void)[] = [() => rmSync(folder, { recursive: true })];
test.after(() => {
  for (const end of endings.toReversed()) end();
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const root = new URL('../../', import.meta.url);

type Collector = { url: string; received: () => string };

/** The collector writes what it receives to a file, as OTLP in JSON. */
async function realCollector(program: string): Promise<Collector> {
  const port = await freePort();
  const [config, output] = [join(folder, 'config.yaml'), join(folder, 'spans.json')];
  writeFileSync(output, '');
  writeFileSync(
    config,
    `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}
exporters: {file: {path: "${output}", flush_interval: 100ms}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [file]}}
`,
  );
  const child = spawn(program, ['--config', config], { stdio: 'ignore' });
  endings.push(() => void child.kill());
  const url = `http://127.0.0.1:${port}`;
  await until(
    () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    'the collector listens',
  );
  return { url, received: () => readFileSync(output, 'utf8') };
}

async function receiver(): Promise<Collector> {
  let text = '';
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => text };
}

test('a server with the file of the page sends its spans to a collector', async () => {
  const program = findProgram('otelcol') ?? findProgram('otelcol-contrib');
  if (program === undefined) reportSkip('a real collector', 'there is no otelcol here');
  const { url, received } = await (program === undefined ? receiver() : realCollector(program));
  const server = spawn(
    process.execPath,
    ['--import', './src/app/monitoring/otel.mjs', 'dist/server.js', '--stdio'],
    {
      cwd: root,
      env: {
        ...process.env,
        XDG_STATE_HOME: folder,
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_BSP_SCHEDULE_DELAY: '100',
        OTEL_SERVICE_NAME: 'barewire-test',
      },
    },
  );
  endings.push(() => void server.kill('SIGKILL'));
  server.stderr.resume();
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
  server.stdin.write(`${legacy('ping', { _meta: { traceparent } })}\n`);
  // JSON has the id in hexadecimal; what an exporter may send as protobuf has the name of the span.
  await until(() => /"ping"/.test(received()) && received().includes(TRACE), 'the span arrives');
  assert.match(received(), 'barewire-test');
  assert.match(received(), 'mcp.method.name');
  const ended = once(server, 'exit');
  server.stdin.end();
  await ended;
});

test.run();

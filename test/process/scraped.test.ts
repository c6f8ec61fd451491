/**
 * The configurations for Prometheus in other places than this machine, with the real program: it finds the port of `--metrics-host`,
 * speaks TLS with it, and gives each service the labels that alerts and dashboard expect. Discovery is replaced by what it would find.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { start } from '../../src/app/app.js';
import { Authority } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { type Process, ROOT, run } from '../support/process.js';
import { findProgram, needPrograms } from '../support/programs.js';
import { until } from '../support/until.js';

needPrograms('process/scraped', 'openssl', 'prometheus');
const test = suite('process/scraped');
const folder = mkdtempSync(join(tmpdir(), 'scraped-test-'));
const authority = new Authority();
const { certFile, keyFile } = authority.issue(['readonly.example.com']);
const metricsPort = await freePort();
const endings: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
test.after(async () => {
  for (const end of endings.toReversed()) await end();
});
test.before(async () => {
  const running = await start({
    ...{
      only: 'readonly',
      readonlyPort: 0,
      readonlyUrl: 'https://readonly.example.com/mcp',
      stateHome: folder,
    },
    ...{ issuers: ['https://login.example.com'], tlsCert: certFile, tlsKey: keyFile },
    ...{ metricsHost: '0.0.0.0', metricsPort },
  });
  endings.push(() => running.close());
});

type Series = { metric: { [label: string]: string }; value: [number, string] };

/** What `up` says as soon as the job was scraped. */
async function scraped(name: string, change: (config: string) => unknown): Promise<Series[]> {
  const shipped = readFileSync(join(ROOT, 'src/app/monitoring', name), 'utf8');
  const file = join(folder, name);
  writeFileSync(
    file,
    stringify(change(shipped.replace('alerts.yml', join(ROOT, 'src/app/monitoring/alerts.yml')))),
  );
  const port = await freePort();
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, `${name}-data`)}`];
  const prometheus: Process = run(findProgram('prometheus') ?? '', [
    ...flags,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const query = async (text: string): Promise<Series[]> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { data } = (await response.json()) as { data?: { result: Series[] } };
    return data?.result ?? [];
  };
  try {
    const isUp = () =>
      query('up == 1').then(
        (found) => found.length > 0,
        () => false,
      );
    await until(isUp, `Prometheus scrapes as in ${name}: ${prometheus.errors().slice(-500)}`, 30_000);
    return await query('up');
  } finally {
    prometheus.child.kill('SIGKILL');
    await prometheus.ended;
  }
}

test('in Kubernetes the pods are scraped under the names of their services', async () => {
  const series = await scraped('prometheus-kubernetes.yml', (text) => {
    const { scrape_configs, ...rest } = parse(text);
    const [{ kubernetes_sd_configs, tls_config, ...job }] = scrape_configs;
    assert.equal(kubernetes_sd_configs, [{ role: 'pod', namespaces: { names: ['barewire'] } }]);
    const found = (port: string, component: string) => ({
      targets: [`127.0.0.1:${metricsPort}`],
      labels: {
        __meta_kubernetes_pod_name: `${component}-0`,
        __meta_kubernetes_pod_container_port_name: port,
        __meta_kubernetes_pod_label_app_kubernetes_io_component: component,
      },
    });
    const scrape = { ...job, tls_config: { ...tls_config, ca_file: authority.file } };
    const static_configs = [found('mcp', 'registry'), found('metrics', 'readonly')];
    return { ...rest, scrape_configs: [{ ...scrape, scrape_interval: '1s', static_configs }] };
  });
  assert.equal(
    series.map(({ metric: { job, instance }, value }) => [job, instance, value[1]]),
    [['barewire-readonly', 'readonly-0', '1']],
  );
});

test('the services of the compose file are scraped by their names in its network', async () => {
  const series = await scraped('prometheus-compose.yml', (text) => {
    const { scrape_configs, ...rest } = parse(text.replaceAll(/'\w+:9464'/g, `'127.0.0.1:${metricsPort}'`));
    const jobs = scrape_configs.map((job: object) => ({ ...job, scrape_interval: '1s' }));
    return { ...rest, scrape_configs: jobs };
  });
  const up = series.filter(({ value }) => value[1] === '1').map(({ metric }) => metric.job);
  assert.equal(up, ['barewire-readonly']);
});

test.run();

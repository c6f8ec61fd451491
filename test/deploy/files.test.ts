/** The files for containers, systemd and Kubernetes name settings, ports and times that the servers really have. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseJsonc } from 'jsonc-parser';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseAllDocuments } from 'yaml';
import { type Config, configure, SETTINGS } from '../../src/app/settings/config.js';
import { flagsOf, SERVICES } from '../../src/app/settings/setting.js';
import { ROOT } from '../support/process.js';
import { needing } from '../support/programs.js';

const test = suite('deploy/files');
const FOLDER = join(ROOT, 'src/app/deploy');
const read = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');

const containerfile = read('Containerfile');
const compose = parse(read('compose.yaml'), { merge: true });
const unit = read('systemd/barewire@.service');
const documents = parseAllDocuments(read('kubernetes/barewire.yaml')).map((one) => one.toJS());
const ofKind = (kind: string) => documents.filter((one) => one.kind === kind);
const [settings] = ofKind('ConfigMap').map(({ data }) => parseJsonc(data['barewire.json']));

const flags = SETTINGS.flatMap(flagsOf);
const variables = SETTINGS.flatMap(({ variable, type }) => [
  variable,
  ...(type.secret === undefined ? [] : [`${variable}_FILE`]),
]);
const portOf = (service: string): number => {
  const name = SERVICES.find((one) => one === service);
  return name === undefined ? 0 : configure({})[`${name}Port`];
};
/** What a stop takes at most: the answers, then the tasks, then the last records. */
const stopS = (drainMs: number): number => (2 * drainMs) / 1_000 + 5;

test('every setting that the files name is one', () => {
  const text = [containerfile, read('compose.yaml'), unit, read('kubernetes/barewire.yaml')].join('\n');
  const named = text.match(/\b(?:BAREWIRE|DATABASE)_[A-Z_]+/g) ?? [];
  assert.equal(
    named.filter((name) => !variables.includes(name)),
    [],
  );
  const words: string[] = [
    ...ofKind('StatefulSet').flatMap(({ spec }) => spec.template.spec.containers[0].args),
    ...(unit.match(/^ExecStart=.*$/m)?.[0] ?? '').split(' '),
    ...Object.keys(settings).map((name) => `--${name}`),
    ...[...read('README.md').matchAll(/^ {2}"([a-z-]+)": .*$/gm)].map(([, name]) => `--${name}`),
    ...['readonly', 'destructive', 'registry'].flatMap((name) => compose.services[name].command),
  ].filter((word: string) => word.startsWith('--'));
  assert.ok(words.length > 20);
  assert.equal(
    words.filter((word) => !flags.includes(word.slice(2))),
    [],
  );
});

test('every service has the port that it listens on', () => {
  for (const { metadata, spec } of ofKind('StatefulSet')) {
    const [{ args, ports }] = spec.template.spec.containers;
    assert.equal(ports, [
      { name: 'mcp', containerPort: portOf(args[1]) },
      { name: 'metrics', containerPort: settings['metrics-port'] },
    ]);
    assert.is(metadata.name, args[1]);
  }
  for (const name of ['readonly', 'destructive', 'registry']) {
    const { command, ports, environment } = compose.services[name];
    assert.equal(command, ['--only', name]);
    assert.equal(ports, [`${portOf(name)}:${portOf(name)}`]);
    assert.match(environment.HEALTH_URL, `:${portOf(name)}/`);
    assert.match(environment[`BAREWIRE_${name.toUpperCase()}_URL`], `:${portOf(name)}`);
    assert.match(containerfile, new RegExp(`^EXPOSE .*\\b${portOf(name)}\\b`, 'm'));
  }
});

test('Prometheus reaches the metrics of every service, and strangers do not', () => {
  assert.is(settings['metrics-host'], '0.0.0.0');
  for (const { metadata, spec } of ofKind('StatefulSet'))
    assert.equal(spec.template.metadata.annotations, {
      'prometheus.io/scrape': 'true',
      'prometheus.io/scheme': 'https',
      'prometheus.io/port': String(settings['metrics-port']),
      'prometheus.io/path': `/metrics/${metadata.name}`,
    });
  const [{ spec: network }] = ofKind('NetworkPolicy');
  const rules = network.ingress.map(({ from, ports }: { from?: object; ports: { port: string }[] }) => [
    from !== undefined,
    ports.map(({ port }) => port),
  ]);
  assert.equal(rules, [
    [false, ['mcp']],
    [true, ['metrics']],
  ]);
  const jobs = parse(
    readFileSync(join(FOLDER, '../monitoring/prometheus-compose.yml'), 'utf8'),
  ).scrape_configs;
  for (const { job_name, metrics_path, static_configs } of jobs) {
    const [, name = ''] = job_name.split('-');
    const { environment, ports } = compose.services[name];
    assert.equal(static_configs, [{ targets: [`${name}:${environment.BAREWIRE_METRICS_PORT}`] }]);
    assert.equal([metrics_path, environment.BAREWIRE_METRICS_HOST], [`/metrics/${name}`, '0.0.0.0']);
    assert.is(ports.length, 1, 'only the service itself is published');
  }
  assert.is(jobs.length, 3);
});

test('nothing stops a server before it has drained', () => {
  for (const { spec } of ofKind('StatefulSet')) {
    const { terminationGracePeriodSeconds, containers } = spec.template.spec;
    const { seconds } = containers[0].lifecycle.preStop.sleep;
    assert.ok(terminationGracePeriodSeconds >= seconds + stopS(settings['drain-ms']));
  }
  const [, drainMs, stopSec] = /--drain-ms (\d+)[\s\S]*^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  assert.ok(Number(stopSec) >= stopS(Number(drainMs)));
  for (const name of ['readonly', 'destructive', 'registry']) {
    const { stop_grace_period, environment } = compose.services[name];
    assert.ok(Number.parseInt(stop_grace_period, 10) >= stopS(Number(environment.BAREWIRE_DRAIN_MS)));
  }
  const { lingerMs }: Config = configure({});
  assert.ok(lingerMs <= settings['drain-ms']);
});

test('the pods are restricted, are probed, and do not leave all at once', () => {
  const budgets = ofKind('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels);
  const services = ofKind('Service').map(({ spec }) => spec.selector);
  assert.is(ofKind('StatefulSet').length, 3);
  for (const { spec } of ofKind('StatefulSet')) {
    const { labels } = spec.template.metadata;
    for (const selectors of [budgets, services, [spec.selector.matchLabels]])
      assert.is(selectors.filter((one) => JSON.stringify(one) === JSON.stringify(labels)).length, 1);
    const { securityContext, containers, automountServiceAccountToken } = spec.template.spec;
    const [container] = containers;
    assert.equal(
      [automountServiceAccountToken, securityContext.runAsNonRoot, securityContext.seccompProfile.type],
      [false, true, 'RuntimeDefault'],
    );
    assert.equal(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.equal(
      [container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet.path),
      ['/healthz', '/readyz'],
    );
  }
});

test('the image is made of files that exist, by an ordinary user', () => {
  const copied = [...containerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  );
  assert.ok(copied.length > 5);
  // A letter in brackets makes a pattern of a name, for what only a clone has, or only the package.
  for (const path of copied)
    assert.ok(path === 'dis[t]' || existsSync(join(ROOT, path.replace(/\[(.)\]/, '$1'))), path);
  assert.match(containerfile, /^USER 1000:1000$/m);
  for (const name of ['readonly', 'destructive', 'registry'])
    assert.equal([compose.services[name].read_only, compose.services[name].cap_drop], [true, ['ALL']]);
});

needing(
  test,
  'deploy/files: systemd',
  'systemd-analyze',
)('the unit is rated at 2.0 or better', () => {
  const folder = mkdtempSync(join(tmpdir(), 'barewire-unit-'));
  const file = join(folder, 'barewire@readonly.service');
  copyFileSync(join(FOLDER, 'systemd/barewire@.service'), file);
  const rating = execFileSync('systemd-analyze', ['security', '--offline=yes', '--threshold=20', file], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  assert.match(rating, /Overall exposure level for barewire@readonly\.service: [01]\.\d|2\.0/);
});

test.run();

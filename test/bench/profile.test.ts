/** A profile of a call, divided by stages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../support/process.js';
import type { Profile } from './profile.js';
import { profileMarkdown, profilePlot, profileText } from './profile-report.js';
import { type CpuProfile, STAGES, spentIn, stageOf, waiting } from './stages.js';
import { svgProblem } from './svg.js';

const test = suite('bench/profile');

const node = (id: number, functionName: string, url: string, ...children: number[]) => ({
  id,
  callFrame: { functionName, url },
  children,
});
const DIST = 'file:///home/me/barewire/dist/';
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', 2, 8, 9, 10),
    node(2, 'parserOnIncoming', 'node:_http_server', 3),
    node(3, 'verify', `${DIST}oauth/verifier.js`, 4, 5),
    node(4, 'hash', 'node:internal/crypto/hash'),
    node(5, 'sendText', `${DIST}wire/http/body.js`, 6),
    node(6, 'end', 'node:_http_outgoing', 7),
    node(7, 'writev', ''),
    node(8, '(garbage collector)', ''),
    node(9, '(idle)', ''),
    node(10, 'handler', 'file:///home/me/test/bench/servers/add.mjs'),
  ],
  startTime: 1_000,
  samples: [2, 4, 5, 7, 8, 9, 10, 2, 4],
  timeDeltas: [100, 10, 10, 10, 10, 10, 10, 10, 500],
};
const spent = spentIn(profile, [1_101, 1_170]);

test('time counts for the function of the project that caused it, and for the stage of its file', () => {
  const found = Object.fromEntries(spent.map(({ stage, name, micros }) => [`${stage}: ${name}`, micros]));
  assert.equal(found, {
    'sockets and node:http: parserOnIncoming': 10,
    'token: hash': 10,
    'writing the answer: sendText': 10,
    'writing the answer: writev': 10,
    'garbage collection: (garbage collector)': 10,
    'tool: handler': 10,
  });
});

test('processor time without a sample is time in the kernel', () => {
  assert.equal(
    waiting(spent, 75).map(({ stage, micros }) => [stage, micros]),
    [['sockets and node:http', 15]],
  );
  assert.equal(waiting(spent, 60), []);
});

test('every file that a call enters has a stage', () => {
  const files = ['wire', 'oauth', 'governance/policy', 'governance/audit'].flatMap((wing) =>
    readdirSync(join(ROOT, 'src', wing), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${wing}/${name.replace(/\.ts$/, '.js')}`),
  );
  assert.equal(
    files.filter((file) => stageOf(`${file}#f`) === 'other'),
    [],
  );
  const found = new Set(files.map((file) => stageOf(`${file}#f`)));
  for (const stage of [
    'token',
    'body and JSON',
    'policy',
    'schema',
    'tool',
    'audit record',
    'writing the answer',
  ])
    assert.ok(found.has(stage), stage);
});

test('the files that the stages name exist, and body.ts has the functions that send', () => {
  for (const file of [
    ...['http-responder', 'stream', 'event-log', 'body'].map((name) => `wire/http/${name}`),
    ...['reply', 'result', 'masking', 'authority', 'decision', 'run-handler'].map(
      (name) => `wire/mcp/${name}`,
    ),
    ...['redact', 'json-spans', 'columns'].map((name) => `governance/policy/${name}`),
  ])
    assert.ok(existsSync(join(ROOT, 'src', `${file}.ts`)), file);
  const body = readFileSync(join(ROOT, 'src/wire/http/body.ts'), 'utf8');
  for (const name of ['sendJson', 'sendText', 'endWithin']) assert.match(body, `function ${name}(`);
});

const measured: Profile = {
  spent: [...spent, { stage: 'other', file: 'a & <b>', name: 'x'.repeat(200), micros: 600 }],
  cpuMicros: 33,
  perSecond: { plain: 30_000, profiled: 25_000 },
  wrong: [],
};

test('the shares of all stages add up, and each has its part of the time of a call', () => {
  const rows = profileText(measured)
    .split('\n')
    .flatMap((line) => {
      const [, share, micros] = / (\d+\.\d) % +(\d+\.\d) /.exec(line) ?? [];
      return share === undefined ? [] : [[Number(share), Number(micros)] as const];
    });
  assert.ok(Math.abs(rows.reduce((sum, [share]) => sum + share, 0) - 100) < 0.5);
  assert.ok(Math.abs(rows.reduce((sum, [, micros]) => sum + micros, 0) - 33) < 0.5);
  assert.match(profileMarkdown(measured, { node: '24' }, 'profile-24.svg'), '](profile-24.svg)');
});

test('the plot is well-formed, and has a name for each stage that is tall enough for one', () => {
  const svg = profilePlot(measured, { node: '24' });
  assert.is(svgProblem(svg), undefined);
  assert.match(svg, 'a &amp; &lt;b&gt;');
  assert.not.match(svg, 'x'.repeat(100));
  assert.ok(STAGES.includes('other'));
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, nearestNames } from '../../src/wire/mcp/nearest.js';
import { cpuMs } from '../support/cpu.js';
import { ask, errorOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/nearest');
const NAMES = ['postgres.readonly', 's3.list', 'jira.search', 'incidents.list', 'incidents.get'];

const near: [given: string, nearest: string[]][] = [
  ['postgres', ['postgres.readonly']],
  ['postgres_readonly', ['postgres.readonly']],
  ['Postgres.ReadOnly', ['postgres.readonly']],
  ['postgres.readonlyy', ['postgres.readonly']],
  ['mcp__internal__s3_list', ['s3.list']],
  ['jira', ['jira.search']],
  ['jria.search', ['jira.search']],
  ['incidents', ['incidents.list', 'incidents.get']],
  ['incident.list', ['incidents.list']],
  ['jira.create', []],
  ['incidents.nothing', []],
  ['shell.exec', []],
  ['', []],
  ['.', []],
  ['s', []],
  ['__proto__', []],
  ['constructor', []],
  ['工具', []],
  ['x'.repeat(201), []],
];
for (const [given, nearest] of near) {
  test(`${JSON.stringify(given).slice(0, 40)} may have meant ${nearest.join(' or ') || 'nothing'}`, () =>
    assert.equal(nearestNames(given, NAMES), nearest));
}

test('the nearest come first, and no more than three', () => {
  assert.equal(nearestNames('abcdeg', ['abcdxx', 'abcdef', 'abcdeg.more', 'abcdeh', 'zz']), [
    'abcdeg.more',
    'abcdef',
    'abcdeh',
  ]);
  assert.is(didYouMean('abc', ['abc.d', 'abc.e']), '; did you mean abc.d or abc.e?');
  assert.is(didYouMean('abc', []), '');
});
test('100,000 long names are compared at once', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `${'n'.repeat(120)}${index}`);
  const ms = cpuMs(() => nearestNames('n'.repeat(126), names));
  assert.ok(ms < 1_000, `${ms} ms`);
});
test('the refusal of an unknown tool names the nearest that is on, and none that is off', async () => {
  const server = serverOf([toolOf('postgres.readonly'), toolOf('postgres.write')]);
  const told = async () =>
    errorOf(await ask(server, '2026-07-28', 'tools/call', { name: 'postgres' })).message;
  assert.is(
    await told(),
    'Invalid params: no such tool: postgres; did you mean postgres.readonly or postgres.write?',
  );
  server.catalog.disable(new Set(['postgres.readonly']));
  assert.is(await told(), 'Invalid params: no such tool: postgres; did you mean postgres.write?');
});

test.run();

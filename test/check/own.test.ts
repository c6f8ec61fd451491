/** Our own servers pass every stage: with and without sessions, those that change things, and a server in twenty lines. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../src/cli/check/report.js';
import { STAGES } from '../../src/cli/check/transcripts.js';
import { createHttpEndpoint, defineTool } from '../../src/wire/index.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { checked, failuresIn, kinds } from './checked.js';

const test = suite('check/own');

let plain: Governed;
let remembering: Governed;
test.before(async () => {
  plain = await startGoverned();
  remembering = await startGoverned({ sessions: 100 });
});
test.after(async () => {
  await plain.close();
  await remembering.close();
});

const stagesOf = (report: Report): string[] => {
  const played = report.results.filter(({ kind }) => kind === 'passed').map(({ stage }) => stage);
  return STAGES.filter((stage) => played.includes(stage));
};

test('the readonly server passes, and its database is read with an example of the schema', async () => {
  const { url, token } = plain.readonly;
  const report = await checked(url, { token });
  assert.equal(failuresIn(report), []);
  assert.equal(
    stagesOf(report),
    STAGES.filter((stage) => stage !== 'sessions'),
  );
  assert.is('name' in report.tool && report.tool.name, 'postgres.readonly');
  assert.equal(report.revisions, ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']);
});

test('with sessions it passes the stage about them, too', async () => {
  const { url, token } = remembering.readonly;
  const report = await checked(url, { token });
  assert.equal(failuresIn(report), []);
  assert.equal(stagesOf(report), [...STAGES]);
});

test('the destructive server passes, and none of its tools is called', async () => {
  const { url, token } = plain.destructive;
  const report = await checked(url, { token });
  assert.equal(failuresIn(report), []);
  assert.ok('none' in report.tool);
  assert.ok(kinds(report.results, 'skipped').includes('tools/calls-a-tool.wire'));
  const records = await plain.records('destructive');
  assert.equal(
    records.filter(({ kind }) => kind === 'intent' || kind === 'outcome'),
    [],
  );
});

test('without a token, the refusals of the server are checked', async () => {
  const report = await checked(plain.readonly.url);
  assert.equal(failuresIn(report), []);
  assert.equal(stagesOf(report), ['authorization']);
});

for (const [era, other] of [
  ['modern', 'legacy'],
  ['legacy', 'modern'],
] as const)
  test(`of the ${era} era alone, no transcript of the other is played`, async () => {
    const { url, token } = plain.readonly;
    const report = await checked(url, { token, eras: [era] });
    assert.equal(failuresIn(report), []);
    const { results } = report;
    assert.ok(results.some((one) => one.kind === 'passed' && one.era === era));
    assert.not.ok(results.some((one) => one.kind !== 'skipped' && one.era === other));
  });

test('a server in twenty lines passes, and its tool is called when a person asks for it', async () => {
  const add = defineTool({
    name: 'add',
    title: 'Add',
    description: 'Adds two numbers.',
    scope: 'math',
    destructive: false,
    inputSchema: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
      required: ['a', 'b'],
    },
    handler: ({ a, b }) => ({ structuredContent: { sum: Number(a) + Number(b) } }),
  });
  const endpoint = createHttpEndpoint({ name: 'small', version: '1.0.0', tools: [add] });
  const report = await checked(new URL(await endpoint.listen(0)), {
    chosenCall: { tool: 'add', arguments: undefined },
  });
  await endpoint.close();
  assert.equal(failuresIn(report), []);
  assert.equal(report.tool, { name: 'add', arguments: { a: 1, b: 1 } });
});

test.run();

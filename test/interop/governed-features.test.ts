/** Resources, prompts, completion and the operator's switches of the governed servers, seen by the official clients. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { type Governed, type Guarded, startGoverned } from '../support/governed.js';
import { until } from '../support/until.js';
import { refusal, textOf } from './expectations.js';
import { type Face, openV1, openV2 } from './faces.js';

const test = suite('interop/governed-features');

let folder: string;
let switches: string;
let running: Governed;
let readonly: Guarded;
let destructive: Guarded;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barewire-governed-'));
  switches = join(folder, 'switches.json');
  await writeFile(switches, '{"disabled": []}');
  running = await startGoverned({ sessions: 20, switches });
  ({ readonly, destructive } = running);
});
test.after(async () => {
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

const JSON_TEXT = ({ contents }: JsonObject): JsonObject => {
  const [first]: unknown[] = Array.isArray(contents) ? contents : [];
  const value: unknown = JSON.parse(isRecord(first) ? String(first.text) : '');
  return isRecord(value) ? value : {};
};
const namesOf = (columns: unknown): unknown[] =>
  Array.isArray(columns) ? columns.map((column: JsonObject) => column.name) : [];
const INCIDENT = { type: 'ref/resource', uri: 'incident://{id}' } as const;
const TABLE = { type: 'ref/resource', uri: 'postgres://demo/{table}' } as const;
const INVESTIGATE = { type: 'ref/prompt', name: 'investigate-incident' } as const;

async function openIncident({ call }: Face): Promise<string> {
  const { structuredContent } = await call('incidents.list', { status: 'open', limit: 1 });
  const [first]: JsonObject[] =
    isRecord(structuredContent) && Array.isArray(structuredContent.incidents)
      ? structuredContent.incidents
      : [];
  return String(first?.id);
}

for (const [name, open] of [
  ['version 1', openV1],
  ['version 2', openV2],
] as const) {
  let face: Face;
  const check = (fact: string, run: () => Promise<void>): void => {
    test(`${name}: ${fact}`, run);
  };

  check('lists the templates and the prompt of the readonly server', async () => {
    face = await open(readonly);
    const { prompts, resources, templates } = await face.lists();
    assert.equal(
      templates.map(({ uriTemplate }) => uriTemplate),
      ['postgres://demo/{table}', 'incident://{id}'],
    );
    assert.equal([prompts.map((prompt) => prompt.name), resources], [['investigate-incident'], []]);
  });
  check('reads what a table looks like, and an incident', async () => {
    const table = JSON_TEXT(await face.read('postgres://demo/incidents'));
    assert.is(table.table, 'demo.incidents');
    assert.ok(namesOf(table.columns).includes('severity'));
    const { incident, events } = JSON_TEXT(await face.read('incident://INC-1001'));
    assert.is(isRecord(incident) && incident.id, 'INC-1001');
    assert.ok(Array.isArray(events) && events.length > 0);
  });
  check('is told that there is no such thing, whatever the URI contains', async () => {
    for (const uri of [
      'incident://INC-999999999',
      'incident://%00',
      "incident://'%20or%201=1",
      'incident://INC-1001%20',
      'postgres://demo/pg_class',
      'postgres://demo/%00',
      'postgres://demo/incidents;drop',
      'postgres://other/incidents',
      'file:///etc/passwd',
    ])
      assert.match((await refusal(face.read(uri))).message, /no such resource/, uri);
  });
  check('completes incident ids, the open ones first, and table names', async () => {
    const { values } = await face.complete(INCIDENT, 'id', 'inc-1');
    assert.ok(Array.isArray(values) && values.length > 0 && values.every((id) => /^INC-/.test(String(id))));
    assert.is(values[0], await openIncident(face));
    assert.equal((await face.complete(TABLE, 'table', 'INCIDENT')).values, ['incident_events', 'incidents']);
    assert.equal((await face.complete(INVESTIGATE, 'id', 'INC-1001')).values, ['INC-1001']);
    for (const odd of ["' or 1=1 --", '\u0000', '\\'])
      assert.equal((await face.complete(INCIDENT, 'id', odd)).values, [], JSON.stringify(odd));
    assert.equal((await face.complete(INCIDENT, 'toString', '')).values, []);
  });
  check('gets the prompt with its incident in it', async () => {
    const { messages } = await face.prompt('investigate-incident', { id: 'INC-1001' });
    assert.match(JSON.stringify(messages), 'incident://INC-1001');
    assert.match(JSON.stringify(messages), 'jira.search');
    assert.match(
      (await refusal(face.prompt('investigate-incident', { id: 'INC-0' }))).message,
      /no incident/,
    );
    assert.match((await refusal(face.prompt('investigate-incident'))).message, /arguments id/);
  });
  check('the destructive server has no resources, and says so', async () => {
    const changing = await open(destructive);
    assert.ok((await refusal(changing.read('incident://INC-1001'))).message.length > 0);
    await changing.close();
  });
  check('a client that watches an incident is notified when somebody acknowledges it', async () => {
    const id = await openIncident(face);
    const uri = `incident://${id}`;
    const changing = await open(destructive);
    if ('transport' in face) {
      await watchV1(face, uri);
    } else await watchV2(face, uri);
    const { isError } = await changing.call('incidents.ack', { id });
    assert.not.ok(isError);
    await until(async () => face.told.some(({ method }) => method === 'notifications/resources/updated'));
    assert.equal(
      face.told.map(({ params }) => params.uri),
      [uri],
    );
    const { incident } = JSON_TEXT(await face.read(uri));
    assert.is(isRecord(incident) && incident.status, 'acknowledged');
    const again = await changing.call('incidents.ack', { id });
    assert.match(textOf(again), 'already acknowledged');
    assert.is(face.told.length, 1);
    await changing.close();
  });
  test(`${name}: leaves`, () => face.close());
}

async function watchV1(face: Face, uri: string): Promise<void> {
  if (!isV1(face)) throw new Error('not version 1');
  await face.client.subscribeResource({ uri });
  await face.listens();
}
async function watchV2(face: Face, uri: string): Promise<void> {
  if (!isV2(face)) throw new Error('not version 2');
  const { honoredFilter } = await face.client.listen({ resourceSubscriptions: [uri] });
  assert.equal(honoredFilter, { resourceSubscriptions: [uri] });
}
type V1 = Awaited<ReturnType<typeof openV1>>;
type V2 = Awaited<ReturnType<typeof openV2>>;
const isV1 = (face: Face): face is V1 => 'transport' in face;
const isV2 = (face: Face): face is V2 => 'client' in face && !('transport' in face);

test('a tool that is switched off is gone for everybody within two seconds, and comes back the same way', async () => {
  const [modern, legacy] = [await openV2(readonly), await openV1(readonly)];
  await modern.client.listen({ toolsListChanged: true });
  await legacy.listens();
  const names = async (): Promise<unknown[]> => {
    const lists = [
      await modern.client.listTools(undefined, { cacheMode: 'refresh' }),
      await legacy.client.listTools(),
    ];
    const [first, second] = lists.map(({ tools }) => tools.map(({ name }) => name));
    assert.equal(first, second);
    return first ?? [];
  };
  const changed = async (text: string): Promise<void> => {
    modern.told.length = 0;
    legacy.told.length = 0;
    const begun = performance.now();
    await writeFile(switches, text);
    await until(async () => modern.told.length > 0 && legacy.told.length > 0);
    assert.ok(performance.now() - begun < 5_000);
    assert.is(modern.told[0]?.method, 'notifications/tools/list_changed');
  };
  assert.ok((await names()).includes('s3.list'));
  await changed('{"disabled": ["s3.list", "no.such.tool"]}');
  assert.not.ok((await names()).includes('s3.list'));
  for (const face of [modern, legacy])
    assert.match(
      (await refusal(face.call('s3.list', { bucket: 'reports' }))).message,
      /no such tool: s3\.list/,
    );
  // A broken file, and one without a change, notifies nobody.
  for (const quiet of ['{"disabled": [', '{"disabled": ["s3.list"]}']) {
    modern.told.length = 0;
    await writeFile(switches, quiet);
    // Longer than the time between two looks at the file: a file without a change causes no event.
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal([modern.told.length, (await names()).includes('s3.list')], [0, false], quiet);
  }
  await changed('{"disabled": []}');
  assert.ok((await names()).includes('s3.list'));
  assert.not.ok((await legacy.call('s3.list', { bucket: 'reports' })).isError);
  await Promise.all([modern.close(), legacy.close()]);
});

test.run();

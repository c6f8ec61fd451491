import { tmpdir } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openEmbedded } from '../../src/demo/database/embedded.js';
import { destructiveTools, readonlyTools } from '../../src/demo/tools/index.js';
import { createManifest } from '../../src/services/registry/manifest/manifest.js';
import { type Candidate, checkRegistrable } from '../../src/services/registry/manifest/registrable.js';
import { problemText } from '../../src/wire/schema/problem.js';
import { archive, given, problemsOf, search, sent } from './documents.js';

const test = suite('manifest/registrable');

test('a tool with name, description and scope is registered', () => {
  assert.is(checkRegistrable(search, false), undefined);
  assert.is(checkRegistrable(search, true), undefined);
  assert.is(checkRegistrable(archive, true), undefined);
});
test('a destructive tool is not registered on a read-only server', () => {
  const problem = checkRegistrable(archive, false);
  assert.is(
    problem && problemText(problem),
    '/destructive: expected false, since this server is for reading, received boolean true',
  );
});

const REFUSED: [what: string, pointer: string, tools: Candidate[]][] = [
  [
    'scope',
    '/scope',
    [undefined, null, '', ' ', 'a b', 'a"b', 7, ['jira:read']].map((scope) => ({ ...search, scope })),
  ],
  [
    'description',
    '/description',
    [undefined, null, '', ' \n', '\u200b', 7].map((description) => ({ ...search, description })),
  ],
  ['name', '/name', [undefined, '', 'a b', 7].map((name) => ({ ...search, name }))],
  [
    // Else a module that forgets it would put a tool that changes state among those that only read.
    'word on whether it destroys',
    '/destructive',
    [undefined, null, 0, 'false'].map((destructive) => ({ ...search, destructive })),
  ],
];
for (const [what, pointer, tools] of REFUSED) {
  test(`a tool without a valid ${what} is not registered anywhere`, () => {
    for (const tool of tools) {
      assert.is(checkRegistrable(tool, false)?.pointer, pointer, JSON.stringify(tool));
      assert.is(checkRegistrable(tool, true)?.pointer, pointer, JSON.stringify(tool));
    }
  });
}
test('the message says in one line what a tool lacks', () => {
  const { scope: _scope, ...without } = search;
  const problem = checkRegistrable(without, true);
  assert.is(problem && problemText(problem), '/scope: expected a value, received nothing');
});
test('a tool that is an instance of a class is read like any other', () => {
  class Search {
    get scope() {
      return 'confluence:read';
    }
    name = 'confluence.search';
    description = 'Finds pages.';
    destructive = false;
  }
  assert.is(checkRegistrable(new Search(), false), undefined);
});
test('the tools of both servers are registrable, and their manifests are accepted', async () => {
  // Opened by the first statement, and there is none.
  const database = openEmbedded();
  const clock = () => new Date(0);
  const reading = readonlyTools(database, tmpdir, clock, { deadlineMs: 1, maxRows: 1 });
  const changing = destructiveTools(database, clock, () => {});
  await database.close();
  for (const tool of reading) assert.is(checkRegistrable(tool, false), undefined, tool.name);
  for (const tool of changing) {
    assert.is(checkRegistrable(tool, true), undefined, tool.name);
    assert.is(checkRegistrable(tool, false)?.pointer, '/destructive', tool.name);
  }
  for (const tools of [reading, changing]) {
    const manifest = createManifest({ ...given, tools });
    assert.equal(problemsOf(sent(manifest)), []);
    assert.equal(
      manifest.tools.map(({ name }) => name),
      tools.map(({ name }) => name),
    );
  }
});

test.run();

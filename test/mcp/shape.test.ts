import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listedTool } from '../../src/wire/mcp/catalog.js';
import type { ToolResult } from '../../src/wire/mcp/definitions.js';
import { errorResult, plainResult, shapeResult } from '../../src/wire/mcp/result.js';
import { type Features, REVISIONS, SUPPORTED } from '../../src/wire/revisions.js';
import type { JsonObject } from '../../src/wire/value.js';
import { toolOf } from './ask.js';

const test = suite('mcp/shape');
const shaped = (result: ToolResult, shown: Features): JsonObject =>
  shapeResult(plainResult('t', result), shown);
const keysBy = (shape: (revision: (typeof SUPPORTED)[number]) => object): string[] =>
  SUPPORTED.map((revision) => `${revision}: ${Object.keys(shape(revision)).join(' ')}`);

test('a tool shows in each revision what that revision knows', () => {
  const tool = toolOf('t', { outputSchema: { type: 'object' }, annotations: { readOnlyHint: true } });
  assert.equal(
    keysBy((revision) => listedTool(tool, REVISIONS[revision])),
    [
      '2026-07-28: name title description inputSchema outputSchema annotations',
      '2025-11-25: name title description inputSchema outputSchema annotations',
      '2025-06-18: name title description inputSchema outputSchema annotations',
      '2025-03-26: name description inputSchema annotations',
      '2024-11-05: name description inputSchema',
    ],
  );
});
test('an output schema that is not of an object is shown in 2026-07-28 alone', () => {
  const tool = toolOf('t', { outputSchema: { type: 'array' } });
  const showing = SUPPORTED.filter((revision) => 'outputSchema' in listedTool(tool, REVISIONS[revision]));
  assert.equal(showing, ['2026-07-28']);
});
test('scope, destructive and handler never leave the server', () => {
  for (const revision of SUPPORTED) {
    const listed = listedTool(toolOf('t', { destructive: true }), REVISIONS[revision]);
    for (const key of ['scope', 'destructive', 'handler', 'requires']) assert.not.ok(key in listed);
  }
});
test('structured content is shown since 2025-06-18 and repeated as text in every revision', () => {
  const structuredContent = { a: 1 };
  for (const revision of SUPPORTED) {
    const result = shaped({ structuredContent }, REVISIONS[revision]);
    assert.equal(result.content, [{ type: 'text', text: '{"a":1}' }]);
    assert.equal(result.structuredContent, revision >= '2025-06-18' ? structuredContent : undefined);
  }
});
test('structured content that is no object is shown in 2026-07-28 alone, falsy values too', () => {
  for (const structuredContent of [[1], 'x', 0, false, null, '']) {
    const showing = SUPPORTED.filter(
      (revision) => 'structuredContent' in shaped({ structuredContent }, REVISIONS[revision]),
    );
    assert.equal(showing, ['2026-07-28']);
    const { content } = shaped({ structuredContent }, REVISIONS['2024-11-05']);
    assert.equal(content, [{ type: 'text', text: JSON.stringify(structuredContent) }]);
  }
});
test("a tool's own content is kept, and nothing is repeated beside it", () => {
  const result: ToolResult = { content: [{ type: 'text', text: 'own' }], structuredContent: { a: 1 } };
  assert.equal(shaped(result, REVISIONS['2026-07-28']).content, [{ type: 'text', text: 'own' }]);
  assert.equal(shaped({}, REVISIONS['2026-07-28']), { content: [] });
});
test('a block that a revision does not know becomes text', () => {
  const content: ToolResult['content'] = [
    { type: 'resource_link', uri: 'file:///a', name: 'A' },
    { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
    { type: 'image', data: 'AA==', mimeType: 'image/png' },
  ];
  const types = SUPPORTED.map((revision) => {
    const { content: blocks } = shaped({ content }, REVISIONS[revision]);
    return (blocks as { type: string }[]).map(({ type }) => type).join(' ');
  });
  assert.equal(types, [
    'resource_link audio image',
    'resource_link audio image',
    'resource_link audio image',
    'text audio image',
    'text text image',
  ]);
  assert.equal((shaped({ content }, REVISIONS['2024-11-05']).content as unknown[]).slice(0, 2), [
    { type: 'text', text: 'A: file:///a' },
    { type: 'text', text: '(audio, audio/wav)' },
  ]);
});
test("an author's _meta is passed on, for a tool in revisions that have it", () => {
  const noted = { 'com.example/owner': 'payments' };
  const shown = SUPPORTED.map(
    (revision) => '_meta' in listedTool(toolOf('t', { _meta: noted }), REVISIONS[revision]),
  );
  assert.equal(shown, [true, true, true, false, false]);
  const result = shaped({ content: [], _meta: noted }, REVISIONS['2026-07-28']);
  assert.equal(result, { content: [], _meta: noted });
});
test('a failure is marked as one, and a success is not', () => {
  assert.equal(errorResult('no'), { content: [{ type: 'text', text: 'no' }], isError: true });
  assert.not.ok('isError' in shaped({ content: [], isError: false }, REVISIONS['2025-11-25']));
});

test.run();

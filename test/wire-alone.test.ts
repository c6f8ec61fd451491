/** The wire stands alone: what a small server built on `barewire/wire` loads, in a process of its own. */
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './support/process.js';

const test = suite('wire-alone');
const MAX_FILES = 60;

/** Prints the URL of every script that was loaded until the server answered a call. */
const SERVER = `
import { Session } from 'node:inspector';
const session = new Session();
session.connect();
const loaded = new Set();
session.on('Debugger.scriptParsed', ({ params: { url } }) => { if (url.startsWith('file:')) loaded.add(url); });
session.post('Debugger.enable');
const { createHttpEndpoint, defineTool } = await import('barewire/wire');
const add = defineTool({
  name: 'add',
  title: 'Add',
  description: 'Adds two numbers.',
  scope: 'math',
  destructive: false,
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  handler: ({ a, b }) => ({ structuredContent: { sum: a + b } }),
});
const endpoint = createHttpEndpoint({ name: 'small', version: '1.0.0', tools: [add] });
const url = await endpoint.listen(0);
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const params = { name: 'add', arguments: { a: 1, b: 2 }, _meta };
const response = await fetch(url, {
  method: 'POST',
  headers: {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'add',
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
});
const { result } = await response.json();
await endpoint.close();
console.log(JSON.stringify({ sum: result.structuredContent.sum, loaded: [...loaded] }));
`;

test('a server on barewire/wire answers, and loads nothing but wire/ and ajv, at most 60 files', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', SERVER], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const { sum, loaded }: { sum: number; loaded: string[] } = JSON.parse(output);
  assert.is(sum, 3);
  const own = loaded.filter((url) => url.includes('/dist/') && !url.includes('/node_modules/'));
  assert.ok(own.length > 10, 'the build is what runs');
  assert.equal(
    own.filter((url) => !url.includes('/dist/wire/')),
    [],
  );
  const packages = loaded.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
  // ajv, and what ajv itself depends on.
  const allowed = ['ajv', 'fast-deep-equal', 'fast-uri', 'json-schema-traverse', 'require-from-string'];
  assert.equal(
    [...new Set(packages)].filter((name) => !allowed.includes(name)),
    [],
  );
  assert.ok(own.length <= MAX_FILES, `${own.length} files`);
});

test.run();

/** Mistakes of a tool's author: each message names the tool, its value, and what to return instead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkModules, loadModules, nameWarning } from '../src/app/own-tools/load.js';
import type { Tool } from '../src/wire/mcp/definitions.js';
import { createServer } from '../src/wire/server/create-server.js';
import { ask, exchangeOf, resultOf, toolOf } from './mcp/ask.js';

const test = suite('own-tools');
const folder = mkdtempSync(join(tmpdir(), 'barewire-own-'));
test.after(() => rmSync(folder, { recursive: true }));

const jiraSearch = {
  ...{ name: 'jira.search', title: 'Search', description: 'Search.', scope: 'jira:read', destructive: false },
  ...{ inputSchema: { type: 'object' as const }, handler: () => ({ content: [] }) },
};
let files = 0;
/** What is wrong with the module, without its path. */
async function refusalOf(source: string): Promise<string> {
  files += 1;
  const file = join(folder, `mine-${files}.mjs`);
  writeFileSync(file, source);
  try {
    await checkModules(await loadModules([file]), [jiraSearch]);
  } catch (error) {
    const { message } = error as Error;
    assert.ok(message.startsWith(`--tools ${file}`), message);
    assert.not.match(message, '\n', 'one line');
    return message.slice(`--tools ${file}`.length);
  }
  return 'accepted';
}
/** A module whose tool is on line 3. */
const tool = (members: string): string => `export const mine = {
  ...{ title: 'Mine', description: 'Mine.', scope: 'mine:use', destructive: false, inputSchema: { type: 'object' }, handler() {} },
  name: 'mine', ${members}
};`;

test('mistakes in a module are refused before it is served, with the file and the line', async () => {
  assert.is(await refusalOf(tool('')), 'accepted');
  for (const [source, message] of [
    ['export const nothing = 1;', /^: exports no tool; a tool is an object with name, title, description/],
    ['export default () => ({});', /^: exports no tool/],
    ['export const a = {\n  b: ,\n};', /^:2: SyntaxError: Unexpected token ','$/],
    [
      'const none = null;\nnone.what();',
      /^:2: TypeError: Cannot read properties of null \(reading 'what'\)$/,
    ],
    ['throw "a word";', /^: a word$/],
    ['import "./nowhere.mjs";', /^: Cannot find module '.*nowhere\.mjs'/],
    [tool("name: 'a name'"), /^:3: tool "a name": \/name: expected .*, received/],
    [tool("name: 'jira.search'"), /^:3: tool jira\.search: a built-in tool has that name already$/],
    [
      `${tool('')}\nexport const two = { ...mine };`,
      /^:3: tool mine: another tool in .* has that name already$/,
    ],
    [tool('name: undefined'), /tool nothing: \/name: expected a value/],
    [tool('description: undefined'), /^:3: tool "mine": \/description: expected a value/],
    [tool('scope: 42'), /^:3: tool "mine": \/scope: expected .*string/],
    [tool("destructive: 'no'"), /^:3: tool "mine": \/destructive: expected .*boolean/],
    [
      tool('handler: undefined'),
      /^:3: tool mine: handler must be a function \(args, context\) that returns a result, received nothing$/,
    ],
    [
      tool("inputSchema: { type: 'array' }"),
      /^:3: tool mine: inputSchema must have "type": "object" at its root/,
    ],
    [
      tool("inputSchema: { type: 'object', properties: { a: { type: 'text' } } }"),
      /^:3: tool mine inputSchema: not a usable schema/,
    ],
    [tool("outputSchema: { $ref: 'https://example.com/s' }"), /^:3: tool mine outputSchema: /],
    [tool("outputSchema: 'object'"), /^:3: tool mine outputSchema: a schema must be a JSON object$/],
  ] as const)
    assert.match(await refusalOf(source), message, source);
});

test('a mistake in a file that a module imports is reported with that file and its line', async () => {
  const helper = join(folder, 'helper.mjs');
  for (const [source, message] of [
    ['\nexport const a = ;', "SyntaxError: Unexpected token ';'"],
    ['\nexport const a = null.b;', "TypeError: Cannot read properties of null (reading 'b')"],
  ] as const) {
    writeFileSync(helper, source);
    const own = join(folder, `imports-${message.length}.mjs`);
    writeFileSync(own, `import { a } from './helper.mjs?${message.length}';\n${tool('a')}`);
    const refused = await loadModules([own]).catch((error: Error) => error.message);
    assert.is(refused, `--tools ${helper}:2: ${message}`);
  }
});

test('mistakes of a handler are logged with its tool, and its caller gets no detail', async () => {
  const outputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  const content = [{ type: 'text', text: 'x' }];
  const advice =
    /; return \{ content: \[\{ type: "text", text: "…" \}\] \}, \{ structuredContent: … \}, or both$/;
  const invalid = 'tool.result-invalid';
  for (const [handler, event, message, given] of [
    [() => undefined, invalid, /^mine returned nothing; return \{ content/],
    [() => 42, invalid, /^mine returned a number; return/],
    [() => 'done', invalid, advice],
    [async () => [content], invalid, /^mine returned an array; return/],
    [
      () => ({ text: 'x' }),
      invalid,
      /^mine returned a value of type Object with "text" and neither content nor/,
    ],
    [() => ({ content: 'x' }), invalid, /^mine returned a string at \/content; return an array of content$/],
    [
      () => ({ content: [{ type: 'json', json: 1 }] }),
      invalid,
      /^mine returned "json" at \/content\/0\/type; a content block is of type text/,
    ],
    [
      () => ({ content, isError: 'no' }),
      invalid,
      /^mine returned a string at \/isError; return true or false there$/,
    ],
    [() => ({ structuredContent: { big: 1n } }), invalid, /^mine returned .*at \/structuredContent\/big/],
    [
      () => ({ structuredContent: { n: 'one' } }),
      invalid,
      /^mine returned a value that breaks its outputSchema; \/n: expected .*number/,
      { outputSchema },
    ],
    [
      () => ({ content }),
      invalid,
      /^mine returned a value that breaks its outputSchema; \(the whole value\): expected .*object/,
      { outputSchema },
    ],
    [
      () => Promise.reject('a word'),
      invalid,
      /^mine threw a string, which says nothing about what went wrong; throw an Error, or a ToolError/,
    ],
    [
      () => {
        throw undefined;
      },
      invalid,
      /^mine threw nothing/,
    ],
    [
      () => {
        throw new Error('broken');
      },
      'tool.failed',
      /^broken$/,
    ],
    [() => new Promise(() => {}), 'tool.timed-out', /^not finished within 1000 ms$/],
    [
      (_: unknown, context: { missing: { x: 1 } }) => context.missing.x,
      'tool.failed',
      /^Cannot read properties of undefined/,
    ],
  ] as [Tool['handler'], string, RegExp, Partial<Tool>?][]) {
    const logged: [string, string, unknown][] = [];
    const { exchange, clock } = exchangeOf('2026-07-28');
    const server = createServer({
      name: 'bench',
      version: '1',
      tools: [toolOf('mine', { ...given, handler })],
      bounds: { toolDeadlineMs: 1_000 },
      onError: (error, name, context) => logged.push([name, (error as Error).message, context?.tool]),
    });
    const answer = ask(server, '2026-07-28', 'tools/call', { name: 'mine', arguments: {} }, exchange);
    await new Promise<void>((done) => setImmediate(done));
    clock.strike();
    const [block] = resultOf(await answer).content as { text: string }[];
    assert.match(
      block?.text ?? '',
      /^mine (failed; the reason is in the server's log|was stopped: not finished within 1000 ms)$/,
    );
    assert.equal([logged.length, logged[0]?.[0], logged[0]?.[2]], [1, event, 'mine'], String(handler));
    assert.match(logged[0]?.[1] ?? '', message, String(handler));
  }
});

const warningOf = (names: string[]): string => String(nameWarning(names));

test('names that model APIs refuse are warned of in one line, others are not', () => {
  assert.is(nameWarning(['a', 'A-b_9', 'n'.repeat(64)]), undefined);
  assert.match(warningOf(['a', 'b.c']), /^most model APIs take names .*: "b\.c"$/);
  assert.match(warningOf(['n'.repeat(65)]), /: "n{65}"$/);
  const many = warningOf(Array.from({ length: 8 }, (_, index) => `t.${index}`));
  assert.match(many, /: "t\.0", "t\.1", "t\.2", "t\.3", "t\.4" and 3 more$/);
  assert.not.match(warningOf(['a\nb']), /\n/);
});

test.run();

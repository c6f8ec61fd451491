/** `--watch`: a module of `--tools` that changes while clients are connected, in both eras, and one that Node cannot run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MODERN } from '../http/wire.js';
import { logLines } from '../support/log-lines.js';
import { type Process, runServer } from '../support/process.js';
import { until } from '../support/until.js';

const test = suite('process/watch');
const folder = mkdtempSync(join(tmpdir(), 'watch-test-'));
const servers: Process[] = [];
test.after(() => {
  for (const { child } of servers) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function moduleOf(name: string, answer: string): string {
  return `export const mine = {
  title: 'T', description: 'D.', scope: 's', destructive: false, inputSchema: { type: 'object' },
  name: '${name}',
  handler: () => ({ content: [{ type: 'text', text: ${answer} }] }),
};`;
}

type Message = {
  id?: number;
  method?: string;
  result?: { content: { text: string }[]; tools: { name: string }[] };
};

for (const era of ['legacy', 'modern'] as const) {
  test(`a changed module is served at once, a ${era} client is notified, and one with a mistake changes nothing`, async () => {
    const file = join(folder, `${era}.mjs`);
    writeFileSync(file, moduleOf('first', '"one"'));
    const server = runServer(['--stdio', '--tools', file, '--watch']);
    servers.push(server);
    const messages = (): Message[] => {
      const lines = server.output().split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line));
    };
    const send = (message: object): void =>
      void server.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    let id = 0;
    const request = async (method: string, params: object): Promise<Message> => {
      id += 1;
      const mine = id;
      send({ id: mine, method, params: era === 'modern' ? { ...params, _meta: MODERN } : params });
      const answer = (): Message | undefined => messages().find((message) => message.id === mine);
      await until(() => answer() !== undefined, `an answer to ${method}`);
      return answer() ?? {};
    };
    const said = async (name: string): Promise<string | undefined> =>
      (await request('tools/call', { name, arguments: {} })).result?.content[0]?.text;
    const changes = (): number =>
      messages().filter(({ method }) => method === 'notifications/tools/list_changed').length;
    const logged = (event: string) => logLines(server.errors()).filter((line) => line.event === event);

    if (era === 'legacy') {
      const clientInfo = { name: 'test', version: '1' };
      await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
      send({ method: 'notifications/initialized' });
    } else {
      send({
        id: 900,
        method: 'subscriptions/listen',
        params: { notifications: { toolsListChanged: true }, _meta: MODERN },
      });
      await until(() => server.output().includes('notifications/subscriptions/acknowledged'), 'the stream');
    }
    assert.is(await said('first'), 'one');

    // The list stays as it is, so no client is notified.
    writeFileSync(file, moduleOf('first', '"two"'));
    await until(() => logged('tool.reloaded').length === 1, 'the second version');
    assert.equal([await said('first'), changes()], ['two', 0]);

    writeFileSync(file, moduleOf('second', '"three"'));
    await until(() => changes() === 1, 'a notification');
    assert.is(await said('second'), 'three');
    const names = (await request('tools/list', {})).result?.tools.map(({ name }) => name) ?? [];
    assert.ok(names.includes('second') && !names.includes('first'), names.join());
    assert.ok(names.includes('incidents.list'), 'the built-in tools stay');

    for (const [broken, line] of [
      [moduleOf('third', ','), 4],
      [moduleOf('no name', '"four"'), 3],
      [moduleOf('incidents.list', '"five"'), 3],
    ] as const) {
      const before = logged('tool.reload-failed').length;
      writeFileSync(file, broken);
      await until(() => logged('tool.reload-failed').length > before, `a line about ${broken}`);
      assert.match(logged('tool.reload-failed').at(-1)?.message ?? '', `: --tools ${file}:${line}: `);
      assert.equal([await said('second'), changes()], ['three', 1]);
    }

    writeFileSync(file, moduleOf('third', '"six"'));
    await until(() => changes() === 2, 'a notification after the mistakes');
    assert.is(await said('third'), 'six');
    server.child.stdin?.end();
    assert.is((await server.ended).code, 0);
  });
}

test('a module that is imported by a relative path is loaded again too, and a package is not', async () => {
  const own = join(folder, 'own');
  const pack = join(own, 'node_modules/pack');
  mkdirSync(join(own, 'parts'), { recursive: true });
  mkdirSync(pack, { recursive: true });
  const write = (path: string, text: string): void => writeFileSync(join(own, path), text);
  write('node_modules/pack/package.json', '{"name": "pack", "type": "module", "exports": "./index.js"}');
  write('node_modules/pack/index.js', 'globalThis.packs = (globalThis.packs ?? 0) + 1;');
  write('parts/far.mjs', "export const far = 'one';");
  write('parts/near.mjs', "import 'pack';\nexport { far } from './far.mjs';");
  const answer =
    "[far, (await import('./parts/late.mjs')).late, globalThis.packs, require('./parts/old.cjs')].join(' ')";
  write('parts/late.mjs', "export const late = 'early';");
  write('parts/old.cjs', "module.exports = 'old';");
  write(
    'tools.mjs',
    `import { far } from "./parts/near.mjs";
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${moduleOf('mine', answer).replace('() =>', 'async () =>')}`,
  );
  const server = runServer(['--stdio', '--tools', join(own, 'tools.mjs'), '--watch']);
  servers.push(server);
  let id = 0;
  const said = async (): Promise<string> => {
    id += 1;
    const params = { name: 'mine', arguments: {}, _meta: MODERN };
    server.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`);
    await until(() => server.output().split('\n').length > id, 'an answer');
    return /"text":"([^"]*)"/.exec(server.output().split('\n')[id - 1] ?? '')?.[1] ?? server.output();
  };
  const logged = (event: string) => logLines(server.errors()).filter((line) => line.event === event);

  assert.is(await said(), 'one early 1 old');
  write('parts/far.mjs', "export const far = 'two';");
  await until(() => logged('tool.reloaded').length === 1, 'the second version');
  assert.is(await said(), 'two early 1 old');
  write('parts/late.mjs', "export const late = 'late';");
  await until(() => logged('tool.reloaded').length === 2, 'the third version');
  assert.is(await said(), 'two late 1 old');
  write('parts/far.mjs', '\nexport const far = ;');
  await until(() => logged('tool.reload-failed').length === 1, 'a line about the mistake');
  assert.match(
    logged('tool.reload-failed')[0]?.message ?? '',
    `${join(own, 'parts/far.mjs')}:2: SyntaxError`,
  );
  assert.is(await said(), 'two late 1 old');
  write('parts/far.mjs', "export const far = 'three';");
  await until(() => logged('tool.reloaded').length === 3, 'the mended version');
  assert.is(await said(), 'three late 1 old');
  server.child.stdin?.end();
  assert.not.match((await server.ended).stderr, 'Warning');
});

test('a TypeScript module is served where Node removes types; elsewhere one line says what to do', async () => {
  const file = join(folder, 'typed.ts');
  writeFileSync(file, `const answer: string = 'typed';\n${moduleOf('typed', 'answer')}`);
  const server = runServer(['--stdio', '--tools', file]);
  servers.push(server);
  const removesTypes = 'typescript' in process.features && process.features.typescript !== false;
  const params = { name: 'typed', arguments: {}, _meta: MODERN };
  server.child.stdin?.on('error', () => {});
  server.child.stdin?.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
  const { code, stdout, stderr } = await server.ended;
  assert.match(stdout, removesTypes ? '"text":"typed"' : /^$/);
  const advice = 'does not run TypeScript; use Node 22.18 or later, or compile the file to JavaScript';
  const refusal = `barewire: --tools ${file}: Node ${process.versions.node} ${advice}\n`;
  assert.equal([code, stderr], removesTypes ? [0, ''] : [2, refusal]);
});

test.run();

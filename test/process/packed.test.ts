/** The package as users install it: what is in it, that it starts, and that its entries can be imported. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FREE_PORTS, ROOT, run } from '../support/process.js';

const test = suite('process/packed');
const folder = mkdtempSync(join(tmpdir(), 'barewire-packed-'));
const installed = join(folder, 'node_modules/barewire');
let files: string[] = [];

test.before(() => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [{ filename, files: packed }] = JSON.parse(output);
  files = packed.map(({ path }: { path: string }) => path);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  // What npm would install beside it. Anything else that it imports is missing, as it would be for a user.
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const [scope, rest] = name.split('/');
    if (rest !== undefined) mkdirSync(join(folder, 'node_modules', scope ?? ''), { recursive: true });
    symlinkSync(resolve(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('it has the build, the transcripts, the policy and what operators need, and no tests or sources', () => {
  const app = join(ROOT, 'src/app');
  const filesIn = (folder: string): string[] =>
    readdirSync(join(app, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? filesIn(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    );
  const pages = readdirSync(app).filter((name) => name.endsWith('.md'));
  const forOperators = [...pages, ...filesIn('deploy'), ...filesIn('monitoring')].map(
    (path) => `src/app/${path}`,
  );
  const tops = new Set(files.map((path) => path.split('/')[0]));
  assert.equal([...tops].sort(), ['LICENSE', 'README.md', 'dist', 'package.json', 'spec-fixtures', 'src']);
  assert.equal(
    files.filter((path) => path.startsWith('src/')).sort(),
    [...forOperators, 'src/governance/policy/policy.rego'].sort(),
  );
  assert.equal(
    files.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path)),
    [],
  );
  for (const path of [
    'dist/server.js',
    'dist/index.d.ts',
    'dist/wire/index.d.ts',
    'dist/config.schema.json',
    'spec-fixtures/README.md',
  ])
    assert.ok(files.includes(path), path);
});

test('its Containerfile copies only files in it, and its unit starts a file in it', () => {
  const deploy = join(installed, 'src/app/deploy');
  const copied = [
    ...readFileSync(join(deploy, 'Containerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm),
  ]
    .flatMap(([, paths = '']) => paths.split(' '))
    .map((path) => path.replace(/\[(.)\]/, '$1'));
  const lacking = copied.filter((path) => !existsSync(join(installed, path)));
  assert.equal(lacking, ['package-lock.json', 'tsconfig.json'], 'what only a clone has');
  const unit = readFileSync(join(deploy, 'systemd/barewire@.service'), 'utf8');
  const [, started = ''] = /^ExecStart=\S+ \/opt\/barewire\/(\S+)/m.exec(unit) ?? [];
  assert.ok(existsSync(join(folder, started)), started);
});

test('the program starts, its lesson has every chapter, and its commands speak to it', async () => {
  const program = join(installed, 'dist/server.js');
  const registry = join(folder, 'registry');
  const server = run(process.execPath, [program], { ...FREE_PORTS, BAREWIRE_REGISTRY_DIR: registry }, folder);
  await server.seen('Ctrl-C stops it.');
  const address = /Learn MCP at\s+(\S+)/.exec(server.output())?.[1] ?? '';
  const page = await (await fetch(address)).text();
  const names = readdirSync(join(ROOT, 'spec-fixtures')).filter((name) => /^\d\d-/.test(name));
  assert.ok(names.length > 20);
  for (const name of names) assert.ok(page.includes(name), name);
  const endpoint = /readonly\s+(\S+)/.exec(server.output())?.[1] ?? '';
  for (const [command, ...flags] of [['list'], ['check', '--stage', 'versions', '--pause', '0']]) {
    const who = ['--client-id', 'demo', '--client-credentials', '--no-store'];
    const argv = [program, command ?? '', endpoint, ...flags, ...who];
    const client = run(process.execPath, argv, { BAREWIRE_CLIENT_SECRET: 'demo-secret' }, folder);
    const { code, stdout, stderr } = await client.ended;
    assert.is(code, 0, stdout + stderr);
    assert.match(stdout, command === 'list' ? 'postgres.readonly' : ' passed, 0 violated MUST');
  }
  server.child.kill('SIGINT');
  assert.is((await server.ended).code, 0);
});

const USE = `const add = defineTool({
  name: 'add',
  title: 'Add',
  description: 'Adds two numbers.',
  scope: 'math:add',
  destructive: false,
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
  handler: ({ a, b }) => ({ structuredContent: { sum: Number(a) + Number(b) } }),
});
const endpoint = createHttpEndpoint({ name: 'adder', version: '1.0.0', tools: [add] });
console.log(new URL(await endpoint.listen(0)).pathname);
await endpoint.close();`;

test('barewire/wire is imported from plain JavaScript', () => {
  const source = `import { createHttpEndpoint, defineTool } from 'barewire/wire';\n${USE}`;
  writeFileSync(join(folder, 'adder.js'), source);
  const output = execFileSync(process.execPath, ['adder.js'], { cwd: folder, encoding: 'utf8' });
  assert.is(output, '/mcp\n');
});

test('barewire and barewire/wire have types that strict TypeScript accepts', () => {
  const source = `import { createEndpoint, policy_decide } from 'barewire';
import { createHttpEndpoint, defineTool, type Tool } from 'barewire/wire';
${USE}
export const tools: readonly Tool[] = [add];
export const functions = [createEndpoint, policy_decide];
`;
  writeFileSync(join(folder, 'adder.ts'), source);
  const types = join(folder, 'node_modules/@types');
  mkdirSync(types, { recursive: true });
  for (const name of ['node']) symlinkSync(resolve(ROOT, 'node_modules/@types', name), join(types, name));
  const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const compile = (file: string): string => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...flags, file], {
      cwd: folder,
      encoding: 'utf8',
    });
    return status === 0 ? '' : stdout;
  };
  assert.is(compile('adder.ts'), '');
  writeFileSync(join(folder, 'wrong.ts'), source.replace("name: 'adder'", 'name: 7'));
  assert.match(compile('wrong.ts'), /Type 'number' is not assignable to type 'string'/);
});

test.run();

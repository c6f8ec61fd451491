/**
 * Tests wait for conditions (support/until.ts) or move the time by themselves (support/time.ts). A pause of fixed length is too short on a
 * busy machine and too long on an idle one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Allowed, pausesIn } from './support/pauses.js';

const test = suite('pauses');
const folder = fileURLToPath(new URL('.', import.meta.url));

const ALLOWED: Allowed[] = [
  ['support/until.ts', 1, 'it looks, and looks again'],
  ['support/time.ts', 2, 'it replaces the timers'],
  ['support/time.test.ts', 'any', 'its timers are due when it says'],
  ['support/pauses.ts', 1, 'it names what this test looks for'],
  ['pauses.test.ts', 'any', 'it shows what this test finds'],
  ['run.ts', 1, 'the deadline of a file'],
  ['mutants/', 'any', 'the deadline of a mutant'],
  ['fuzz/', 'any', 'deadlines for servers that answer nothing'],
  ['bench/child.ts', 2, 'deadlines for a server that does not start or end'],
  ['bench/memory.ts', 1, 'it measures times under load'],
  ['bench/registry.ts', 1, 'it measures times under load'],
  ['bench/rounds.ts', 1, 'it measures times under load'],
  ['scale/', 'any', 'it measures times under load'],
  ['approval/waiting-load.ts', 'any', 'it measures times under load'],
  ['check/peers/node/', 'any', 'a tool of a checked server counts slowly'],
  ['conformance/', 'any', 'the official suite asks for tools that take a while'],
  ['proof/proxy.ts', 1, 'it ends a stream on which nothing comes any more'],
  ['interop/tools.ts', 1, 'the official client, version 1, loses what it reads in one piece with an answer'],
  ['interop/governed-features.test.ts', 1, 'a file that changes nothing gives no sign that it was read'],
  ['registry/pages-browser.test.ts', 1, 'a page that rightly does not look gives no sign of it'],
  ['store/engine.ts', 1, 'nothing tells what a statement does between its start and its end'],
  ['endpoint/memory.test.ts', 1, 'a server in another process lets clients pile up'],
  ['private-folder.test.ts', 1, 'a bounded wait in another process'],
  ['process/strays.test.ts', 1, 'a tool throws from a timer'],
  ['support/layers.ts', 1, 'it names what is not pure'],
  ['layers.test.ts', 3, 'it shows what that test finds'],
];

test('no test waits for a fixed time, except those with a reason', () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:ts|mjs|js)$/.test(name),
  );
  const tree = names.map((name) => [name.split(sep).join('/'), readFileSync(join(folder, name), 'utf8')]);
  assert.is(pausesIn(Object.fromEntries(tree), ALLOWED).join('\n'), '');
});

for (const text of [
  `await new Promise((resolve) => setTimeout(resolve, 50));`,
  `globalThis.setTimeout(resolve, 50);`,
  `import { setTimeout as pause } from 'node:timers/promises';`,
  `await page.waitForTimeout(300);`,
  `Atomics.wait(cell, 0, 0, 50);`,
  `await scheduler.wait(50);`,
  `spawn('sh', ['-c', 'sleep 0.2']);`,
  'const script = `setTimeout(go, 20);`;',
]) {
  test(`it finds ${text}`, () => {
    const [found, ...more] = pausesIn({ 'a.test.ts': `run();\n${text}` }, []);
    assert.match(found ?? '', /^a\.test\.ts:2 waits for a time: /);
    assert.equal(more, []);
  });
}

test('it finds nothing in a comment, in a timeout of a socket, and where a pause is allowed', () => {
  const tree = {
    'a.test.ts': '// setTimeout(f, 1)\nrequest.socket.setTimeout(0);\nawait until(() => sleeping);',
    'b/c.ts': 'setTimeout(f, 1);\nsetTimeout(g, 1);',
  };
  assert.equal(pausesIn(tree, [['b/', 2, 'for a reason']]), []);
  assert.equal(pausesIn(tree, [['b/c.ts', 1, 'for a reason']]), [
    'b/c.ts has 2 lines that wait for a time, and 1 are allowed',
  ]);
});

test('an entry that is no longer needed is found', () => {
  assert.is(pausesIn({ 'a.ts': 'run();' }, [['b/', 'any', 'for a reason']]).length, 1);
  assert.equal(pausesIn({ 'a.ts': 'run();' }, [['a.ts', 1, 'for a reason']]), [
    'a.ts has 0 lines that wait for a time, and 1 are allowed',
  ]);
});

test.run();

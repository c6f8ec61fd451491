/** The oldest version of Node that runs the program. */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeProblem } from '../../src/app/node-version.js';

const test = suite('process/node-version');

test('the oldest version is the one that package.json names', () => {
  const { engines }: { engines: { node: string } } = JSON.parse(readFileSync('package.json', 'utf8'));
  const oldest = /^>=(\d+)\.(\d+)$/.exec(engines.node);
  assert.ok(oldest !== null);
  const [major, minor] = [Number(oldest[1]), Number(oldest[2])];
  assert.is(nodeProblem(`${major}.${minor}.0`), undefined);
  assert.match(nodeProblem(`${major}.${minor - 1}.9`) ?? '', `${major}.${minor} or later`);
});

test('a version that is too old is named, and a newer one is fine', () => {
  assert.is(nodeProblem('18.20.4'), 'this is Node 18.20.4, and barewire needs Node 20.19 or later');
  for (const version of ['20.20.2', '22.0.0', '24.1.0']) assert.is(nodeProblem(version), undefined, version);
});

test.run();

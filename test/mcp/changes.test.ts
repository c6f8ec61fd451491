import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Change, Changes, changeNotification } from '../../src/wire/mcp/connection.js';

const test = suite('mcp/changes');

test('every listener gets every change, in order', () => {
  const changes = new Changes();
  const told: [string, Change][] = [];
  changes.listen((change) => told.push(['first', change]));
  changes.listen((change) => told.push(['second', change]));
  changes.emit({ kind: 'tools' });
  changes.emit({ kind: 'resource', uri: 'x://a' });
  assert.equal(told, [
    ['first', { kind: 'tools' }],
    ['second', { kind: 'tools' }],
    ['first', { kind: 'resource', uri: 'x://a' }],
    ['second', { kind: 'resource', uri: 'x://a' }],
  ]);
});
test('a listener that ended gets nothing more, and ending it twice ends no other', () => {
  const changes = new Changes();
  let [gone, stays] = [0, 0];
  const end = changes.listen(() => {
    gone += 1;
  });
  changes.listen(() => {
    stays += 1;
  });
  changes.emit({ kind: 'prompts' });
  end();
  end();
  changes.emit({ kind: 'prompts' });
  assert.equal([gone, stays], [1, 2]);
});
test('a listener may end itself while it is being called', () => {
  const changes = new Changes();
  const told: string[] = [];
  const end = changes.listen(() => {
    told.push('once');
    end();
  });
  changes.listen(() => told.push('always'));
  changes.emit({ kind: 'tools' });
  changes.emit({ kind: 'tools' });
  assert.equal(told, ['once', 'always', 'always']);
});
test('each kind of change has its notification', () => {
  for (const kind of ['tools', 'prompts', 'resources'] as const) {
    assert.equal(changeNotification({ kind }), { method: `notifications/${kind}/list_changed`, params: {} });
  }
  assert.equal(changeNotification({ kind: 'resource', uri: 'x://a' }), {
    method: 'notifications/resources/updated',
    params: { uri: 'x://a' },
  });
  assert.equal(changeNotification({ kind: 'task', taskId: 't', task: { taskId: 't', status: 'working' } }), {
    method: 'notifications/tasks',
    params: { taskId: 't', status: 'working' },
  });
});

test.run();

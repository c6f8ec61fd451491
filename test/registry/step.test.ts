/** What is trusted: the first manifest, no change of it, and what a person accepts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { finding } from '../../src/services/registry/check/findings.js';
import { type Entry, type Finding, serverState, toolState } from '../../src/services/registry/entry.js';
import type { Manifest, ToolDefinition } from '../../src/services/registry/manifest/manifest.js';
import {
  acceptServer,
  acceptTool,
  applyCheck,
  applySwitch,
  newEntry,
  type StepResult,
} from '../../src/services/registry/step.js';
import { switchesOf, viewOf } from '../../src/services/registry/view.js';
import { AT, BY, definition, manifestOf } from './made.js';

const test = suite('registry/step');

const free = {
  isTaken: () => false,
  alsoSpeaking: () => [],
  alsoCalled: () => [],
  alsoAt: () => [],
  alike: () => [],
  at: AT,
};
function done(stepped: StepResult): { entry: Entry; kinds: string[] } {
  if ('problem' in stepped) throw new Error(stepped.problem);
  return { entry: stepped.entry, kinds: stepped.details.map(({ kind }) => kind) };
}
const see = (entry: Entry, manifest?: Manifest, findings: readonly Finding[] = [], more = {}) =>
  done(applyCheck(entry, { manifest, findings, ...free, ...more }));
const fresh = (...tools: (string | ToolDefinition)[]) =>
  see(newEntry('https://mcp.example/.well-known/mcp-capabilities', BY, AT), manifestOf(tools)).entry;

test('the first manifest is accepted in the name of the person who added the server', () => {
  const { entry, kinds } = see(newEntry('https://mcp.example/x', BY, AT), manifestOf(['a.read', 'a.find']));
  assert.equal(kinds, ['manifest', 'tool-appeared', 'tool-appeared']);
  assert.is(entry.name, 'example-mcp');
  assert.equal([toolState(entry, 'a.read'), serverState(entry)], ['on', 'on']);
  assert.equal(
    entry.versions.map(({ version }) => version),
    ['1.0.0'],
  );
});

for (const [what, change] of [
  ['description', { description: 'Does something else now' }],
  [
    'schema',
    { inputSchema: { type: 'object', properties: { query: { type: 'string' }, to: { type: 'string' } } } },
  ],
  ['scope', { scope: 'example:write' }],
  ['destructive', { destructive: true }],
  ['title', { title: 'Another' }],
] as const) {
  test(`a changed ${what} puts the tool into quarantine until that definition is accepted`, () => {
    const before = fresh('a.read', 'a.find');
    const now = manifestOf([definition('a.read', change), 'a.find']);
    const { entry, kinds } = see(before, now);
    assert.equal(kinds, ['manifest', 'tool-quarantined']);
    assert.equal([toolState(entry, 'a.read'), toolState(entry, 'a.find')], ['quarantined', 'on']);
    assert.equal(switchesOf(entry), { enabled: true, tools: { 'a.read': 'quarantined' } });
    const shown = viewOf(entry, { failures: 0 }).tools[0];
    assert.ok((shown?.changes ?? []).length > 0);
    assert.is(shown?.accepted?.digest, before.manifest?.tools[0]?.digest);
    const digest = now.tools[0]?.digest ?? '';
    const other = acceptTool(entry, 'a.read', before.manifest?.tools[0]?.digest ?? '', 'looked at');
    assert.match('problem' in other ? other.problem : '', 'has changed again');
    const accepted = done(acceptTool(entry, 'a.read', digest, 'looked at'));
    assert.equal(accepted.kinds, ['tool-accepted']);
    assert.is(toolState(accepted.entry, 'a.read'), 'on');
  });
}

test('a change that changes again is compared with the accepted definition, and one that is reverted is released', () => {
  const first = fresh('a.read');
  const second = see(first, manifestOf([definition('a.read', { scope: 'x' })])).entry;
  const third = see(second, manifestOf([definition('a.read', { scope: 'y' })]));
  assert.equal(third.kinds, ['manifest', 'tool-quarantined']);
  assert.is(third.entry.held['a.read']?.scope, 'example:read');
  const back = see(third.entry, manifestOf(['a.read']));
  assert.equal(back.kinds, ['manifest', 'tool-restored']);
  assert.equal(back.entry.held, {});
});

test('a tool that goes away and comes back different is in quarantine, and unchanged it is not', () => {
  const gone = see(fresh('a.read', 'a.find'), manifestOf(['a.find']));
  assert.equal(gone.kinds, ['manifest', 'tool-gone']);
  assert.equal(switchesOf(gone.entry).tools, {});
  const same = see(gone.entry, manifestOf(['a.read', 'a.find']));
  assert.equal([same.kinds, toolState(same.entry, 'a.read')], [['manifest', 'tool-appeared'], 'on']);
  const other = see(gone.entry, manifestOf([definition('a.read', { scope: 'x' }), 'a.find']));
  assert.equal(
    [other.kinds, toolState(other.entry, 'a.read')],
    [['manifest', 'tool-quarantined'], 'quarantined'],
  );
});

test('a new tool is accepted as it is, and held back if its text is suspicious', () => {
  const manifest = manifestOf(['a.read', definition('a.new', { description: 'Hidden\u200b words' })]);
  const found = finding('hidden-text', 'there is something', 'a.new');
  const { entry, kinds } = see(fresh('a.read'), manifest, [found]);
  assert.equal(kinds, ['manifest', 'tool-quarantined', 'findings']);
  assert.is(toolState(entry, 'a.new'), 'quarantined');
  assert.is(viewOf(entry, { failures: 0 }).tools[1]?.accepted, null);
  // It stays there although a later check finds nothing any more: a person has to look.
  const later = see(entry, manifestOf(['a.read', 'a.new'])).entry;
  assert.is(toolState(later, 'a.new'), 'quarantined');
});

for (const [what, given] of [
  ['name', { name: 'another-mcp' }],
  ['endpoint', { url: 'https://mcp.example/other' }],
  ['owner', { owner: 'Somebody Else' }],
  ['issuer', { issuers: ['https://evil.example'] }],
] as const) {
  test(`another ${what} puts the server into quarantine, under its old name, until that is accepted`, () => {
    const now = manifestOf(['a.read'], given);
    const { entry, kinds } = see(fresh('a.read'), now);
    assert.equal(kinds, ['manifest', 'identity-quarantined', 'findings']);
    assert.equal([entry.name, serverState(entry)], ['example-mcp', 'quarantined']);
    assert.is(switchesOf(entry).enabled, false);
    assert.is(entry.findings[0]?.code, 'identity-changed');
    assert.ok((viewOf(entry, { failures: 0 }).identity?.changes ?? []).length > 0);
    const wrong = acceptServer(entry, 'sha256:0', 'looked at', () => false);
    assert.match('problem' in wrong ? wrong.problem : '', 'has changed again');
    const accepted = done(acceptServer(entry, now.digest, 'looked at', () => false)).entry;
    assert.equal([accepted.name, serverState(accepted)], [now.name, 'on']);
    const back = see(entry, manifestOf(['a.read']));
    assert.equal(back.kinds, ['manifest', 'identity-restored', 'findings']);
    assert.is(serverState(back.entry), 'on');
  });
}

test('a name that another server has is not taken, and is taken once it is free', () => {
  const entry = newEntry('https://other.example/x', BY, AT);
  const held = see(entry, manifestOf(['a.read']), [], { isTaken: () => true }).entry;
  assert.is(held.name, 'https://other.example/x');
  assert.equal(
    held.findings.map(({ code }) => code),
    ['name-taken'],
  );
  const free = see(held).entry;
  assert.is(free.name, 'example-mcp');
  assert.equal(free.findings, []);
});

test('a tool with the same name at another server is reported', () => {
  const { entry } = see(fresh('a.read'), undefined, [], {
    alsoAt: (tool: string) => (tool === 'a.read' ? ['other-mcp'] : []),
  });
  assert.equal(
    entry.findings.map(({ code, tool, severity }) => [code, tool, severity]),
    [['tool-name-shared', 'a.read', 'warning']],
  );
});

test('findings are recorded when they appear and when they go, and not in between', () => {
  const one = finding('manifest-unreachable', 'nothing listens there');
  const came = see(fresh('a.read'), undefined, [one]);
  assert.equal(came.kinds, ['findings']);
  const same = applyCheck(came.entry, { findings: [one], ...free });
  assert.is('entry' in same && same.entry, came.entry);
  assert.equal(see(came.entry).kinds, ['findings']);
});

test('switches are set by name, and a switch to the current state is refused', () => {
  const made = { enabled: false, by: BY, reason: 'broken', at: AT };
  const entry = fresh('a.read');
  const off = done(applySwitch(entry, made, 'a.read')).entry;
  assert.equal([toolState(off, 'a.read'), serverState(off)], ['off', 'on']);
  assert.equal(switchesOf(off), { enabled: true, tools: { 'a.read': 'off' } });
  for (const [at, tool, why] of [
    [off, 'a.read', 'a.read is off already'],
    [entry, 'a.nope', 'the manifest has no tool a.nope'],
    [entry, '__proto__', 'the manifest has no tool __proto__'],
  ] as const) {
    const refused = applySwitch(at, made, tool);
    assert.is('problem' in refused ? refused.problem : '', why);
  }
  assert.is(serverState(done(applySwitch(entry, made)).entry), 'off');
});

test('a tool in quarantine stays there whatever its switch says', () => {
  const held = see(fresh('a.read'), manifestOf([definition('a.read', { scope: 'x' })])).entry;
  const off = done(applySwitch(held, { enabled: false, by: BY, reason: 'r', at: AT }, 'a.read')).entry;
  assert.is(toolState(off, 'a.read'), 'quarantined');
  const accepted = done(acceptTool(off, 'a.read', off.manifest?.tools[0]?.digest ?? '', 'ok')).entry;
  assert.is(toolState(accepted, 'a.read'), 'off');
});

test('a tool with the name of something that every object has is a tool like any other', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const entry = fresh(name);
    assert.is(toolState(entry, name), 'on');
    const held = see(entry, manifestOf([definition(name, { scope: 'x' })])).entry;
    assert.equal([name, toolState(held, name)], [name, 'quarantined']);
    assert.equal(Object.keys(switchesOf(held).tools), [name]);
    const kept: Entry = JSON.parse(JSON.stringify(held));
    assert.is(toolState(kept, name), 'quarantined');
  }
});

test.run();

/**
 * Every recorded call of the Python reference, from the request to its record: who decides, what runs, what is recorded.
 * Where this server differs it does so on purpose: an unknown tool is MCP's -32602, a tool that fails tells its caller
 * nothing of why, and redaction cannot fail.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { createAuditRecorder } from '../../src/governance/audit/recorder.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, exchangeOf, principalOf, serverOf, toolOf } from '../mcp/ask.js';
import { expand as expanded } from '../policy/recorded.js';

const test = suite('endpoint/reference-dispatch');

type Handler =
  | { kind: 'return'; value: unknown }
  | { kind: 'echo' }
  | { kind: 'raise'; message: string | null }
  | { kind: 'set_arg' };
type Case = {
  id: string;
  group: 'ok' | 'denied' | 'handler_error' | 'redaction_fault';
  server: string;
  tool: string;
  token: { user: string; scopes: string[]; approved_at: number };
  args: JsonObject;
  now: number;
  handler?: Handler & { key?: string; value?: unknown };
  js_lossy?: true;
  note: string;
  expect: {
    response?: { result?: unknown; error?: { code: number; message: string } };
    audit: { outcome: string; args_redacted: unknown; response_redacted: unknown }[];
  };
};
type Server = { name: string; tools: { name: string; required_scope: string; destructive: boolean }[] };
const file = fileURLToPath(new URL('../../spec-fixtures/reference/dispatch.json', import.meta.url));
const { servers, cases }: { servers: { [key: string]: Server }; cases: Case[] } = JSON.parse(
  readFileSync(file, 'utf8'),
);

/** A name that MCP allows, and that no other tool of the server has. */
const nameable = ({ tools }: Server) =>
  tools.filter(
    ({ name }, at) => /^[\w.-]{1,128}$/.test(name) && tools.findLastIndex((one) => one.name === name) === at,
  );

async function played({ server: key, tool: name, token, args: given, now, handler, expect }: Case) {
  const server = servers[key];
  if (server === undefined) throw new Error(`no server ${key} is recorded`);
  const clock = () => new Date(now * 1_000);
  const entries: AuditEntry[] = [];
  const log = {
    append: async (entry: AuditEntry) => void entries.push(JSON.parse(JSON.stringify(entry))),
    healthy: true,
  };
  const run = (args: JsonObject): { structuredContent: unknown } => {
    if (handler?.kind === 'raise') throw new Error(handler.message ?? '');
    if (handler?.kind === 'set_arg') args[handler.key ?? 'added'] = handler.value;
    // The demo handlers of the reference are identified by their results.
    return { structuredContent: handler?.kind === 'return' ? handler.value : expect.response?.result };
  };
  const tools = nameable(server).map(({ name: of, required_scope: scope, destructive }) =>
    toolOf(of, { scope, destructive, handler: (args) => run(args) }),
  );
  let ids = 0;
  const bench = {
    ...serverOf(tools),
    policy: createPolicy({ name: server.name, clock }),
    audit: createAuditRecorder({
      log,
      server: server.name,
      newId: () => `${++ids}`,
      clock,
      after: () => () => {},
      onError: () => {},
    }),
  };
  const principal = principalOf({ user: token.user, scopes: token.scopes, approvedAt: token.approved_at });
  const args = expanded(given) as JsonObject;
  const { exchange } = exchangeOf('2026-07-28', { principal });
  const { response } = await ask(bench, '2026-07-28', 'tools/call', { name, arguments: args }, exchange);
  const [outcome] = entries.filter(({ kind }) => kind !== 'intent');
  return { response, outcome };
}

const playable = cases.filter(({ server, tool, js_lossy, group }) => {
  const known = servers[server]?.tools.some(({ name }) => name === tool) === true;
  const reachable = !known || /^[\w.-]{1,128}$/.test(tool);
  return js_lossy !== true && reachable && group !== 'redaction_fault';
});
const faults = cases.filter(({ group }) => group === 'redaction_fault');
console.log(
  `dispatch.json: ${playable.length + faults.length} of ${cases.length} cases; the rest call tools by names that MCP does not have`,
);

test('no case is left out except those that cannot be called', () => {
  assert.is(cases.length, 35);
  assert.is(playable.length + faults.length, 34);
});
for (const recorded of playable) {
  const { id, group, note, expect, tool } = recorded;
  test(`${id} ${group}: ${tool} ${note}`, async () => {
    const { response, outcome } = await played(recorded);
    const [audit] = expect.audit;
    assert.ok(outcome !== undefined && audit !== undefined);
    assert.equal(outcome.args, audit.args_redacted);
    assert.is(outcome.tool, tool);
    if (group === 'ok') {
      assert.ok('result' in response);
      assert.equal(response.result.structuredContent, expanded(expect.response?.result));
      assert.equal([outcome.kind, outcome.outcome], ['outcome', 'ok']);
      assert.equal(outcome.response, audit.response_redacted);
    } else if (group === 'denied') {
      const reason = expect.response?.error?.message ?? '';
      assert.ok('error' in response);
      assert.is(outcome.kind, 'refused');
      if (reason.startsWith('no such tool')) {
        assert.equal([response.error.code, response.error.message], [-32602, `Invalid params: ${reason}`]);
      } else {
        // The reference's words name a card in Slack, which is not there; its record keeps them.
        const said = reason.endsWith('(Slack card)')
          ? /^Forbidden: a person must approve this call/
          : `Forbidden: ${reason}`;
        assert.is(response.error.code, 403);
        assert.match(response.error.message, said);
        assert.equal([outcome.decision?.allow, outcome.decision?.reason], [false, reason]);
      }
    } else {
      const text = JSON.stringify(response);
      assert.ok('result' in response && response.result.isError === true);
      assert.equal([outcome.kind, outcome.outcome], ['outcome', 'error']);
      const said = expect.response?.error?.message ?? '';
      assert.not.ok(
        said !== '' && text.includes(JSON.stringify(said).slice(1, -1)),
        'the reason is not returned',
      );
    }
  });
}
for (const recorded of faults) {
  test(`${recorded.id}: where the reference's redaction fails there is a record here`, async () => {
    const { outcome } = await played(recorded);
    assert.ok(outcome !== undefined);
    assert.not.match(JSON.stringify([outcome.args, outcome.response]), 'bob@example.com');
  });
}

test.run();

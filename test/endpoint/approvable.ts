/** Calls that wait for a person, over a shared state that the test can write to: as tasks, in rounds, or refused with the page. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SharedState } from '../../src/cluster/shared-state.js';
import type { Approver } from '../../src/governance/approval/approval.js';
import { recordSteps } from '../../src/governance/approval/approval-steps.js';
import { type Approvals, createApprovals } from '../../src/governance/approval/approvals.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import type { Writer } from '../approval/rows.js';
import { faulty } from '../audit/disks.js';
import { bench } from '../audit/logs.js';
import { legacy, modernCall } from '../http/wire.js';
import type { TestIssuer } from '../support/issuer.js';
import { until } from '../support/until.js';
import { type Answer, counted, guarded, type Json } from './guarded.js';

export const WRITES = { scope: 'bench:write' };
const TASKS = 'io.modelcontextprotocol/tasks';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const WITH_TASKS = { [CAPABILITIES]: { elicitation: { url: {} }, extensions: { [TASKS]: {} } } };
const inputSchema = { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false };

export type Shared = { state: SharedState; writer: Writer };

let servers = 0;

export async function approvable(
  { state, writer }: Shared,
  given: {
    waitingCallsPerPrincipal?: number;
    tasksPerPrincipal?: number;
    fourEyes?: boolean;
    issuer?: TestIssuer;
  } = {},
) {
  servers += 1;
  const server = `approvable-${servers}`;
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const { tool, runs } = counted('write', { scope: 'bench:write', destructive: true, inputSchema });
  const { fs, fault } = faulty();
  const audit = await bench({ fs });
  const { waitingCallsPerPrincipal, tasksPerPrincipal, fourEyes = false, issuer } = given;
  let ids = 0;
  const approvals: Approvals = createApprovals({
    state,
    server,
    keys: [Buffer.alloc(32, 1)],
    clock: now,
    newId: () => `${server}-${++ids}`,
    fourEyes,
    onStep: recordSteps({ log: audit.audit }),
  });
  const approving = createApproving(
    approvals,
    (id) => `https://pages.example/approvals/${id}`,
    () => {},
    waitingCallsPerPrincipal === undefined ? {} : { waitingCallsPerPrincipal },
  );
  const door = await guarded(
    {
      tools: [tool],
      tasks: true,
      ...(tasksPerPrincipal === undefined ? {} : { tasksPerPrincipal }),
      policy: createPolicy({ name: server, clock: now, state }),
      approving,
      audit: { log: audit.audit },
      bounds: { inFlightCalls: 10_000, inFlightCallsPerPrincipal: 10_000 },
    },
    {},
    issuer,
  );
  const approver: Approver = { issuer: door.issuer.issuer, user: 'bob', tenant: 'default', via: 'page' };
  const { headers } = modernCall('write', WITH_TASKS, 1, { n: 1 });
  const call = (args: Json = { n: 1 }, claims: Json = {}): Promise<Answer> =>
    door.post(door.token({ ...WRITES, ...claims }), modernCall('write', WITH_TASKS, 1, args).body, headers);
  const about = async (method: string, taskId: string): Promise<Json> => {
    const { body } = modernCall('write', WITH_TASKS, 1, {});
    const { _meta } = (JSON.parse(body) as { params: Json }).params;
    const named = { ...headers, 'mcp-method': method, 'mcp-name': taskId };
    const answer = await door.post(door.token(WRITES), legacy(method, { taskId, _meta }, 2), named);
    return answer.body.result ?? {};
  };
  const task = (taskId: string): Promise<Json> => about('tasks/get', taskId);
  return {
    ...door,
    server,
    writer,
    approvals,
    approver,
    clock,
    fault,
    runs,
    /** A client that can be given a task. */
    call,
    /** A client that cannot wait: it is refused with the page's address. */
    once: (args: Json = { n: 1 }, claims: Json = {}): Promise<Answer> => {
      const sent = modernCall('write', { [CAPABILITIES]: {} }, 1, args);
      return door.post(door.token({ ...WRITES, ...claims }), sent.body, sent.headers);
    },
    /** The id of a task that has begun to wait. */
    async begin(args: Json = { n: 1 }): Promise<string> {
      const { body } = await call(args);
      if (body.result?.resultType !== 'task') throw new Error(`no task in ${JSON.stringify(body)}`);
      return String(body.result.taskId);
    },
    task,
    cancel: (taskId: string): Promise<Json> => about('tasks/cancel', taskId),
    /** The task once it has that status. */
    async until(taskId: string, status: string): Promise<Json> {
      return until(async () => {
        const found = await task(taskId);
        return found.status === status && found;
      }, `the task is ${status}`);
    },
    decide: (id: string, approve = true) => approvals.decide(id, approver, { approve, comment: '' }),
    pending: () => approvals.pending(approver),
    records: (): Json[] => recordsUnder(audit.dir),
  };
}

/** Every record in the folder of a log, for all principals, oldest first. */
function recordsUnder(dir: string): Json[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Json];
      } catch {
        return []; // empty, or half of a record that a failing disk took
      }
    });
}

/**
 * Calls that race for approvals at two replicas over a real PostgreSQL, while the tool, the policy, the switches, the quota and the
 * caller's token change under them. Nothing runs that was not approved in the form in which it ran, no approval runs two calls, and
 * an approval that was used up either ran its call or its caller read why not.
 *
 * RACES says how many calls race: 10,000 is the proof, and fewer are the default. SEED repeats a run, as far as the database lets it.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { createPostgresState } from '../../src/cluster/state/postgres-state.js';
import { type Approvals, createApprovals } from '../../src/governance/approval/approvals.js';
import { type Basis, basisOf } from '../../src/governance/approval/basis.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { approvalPort } from '../../src/governance/approval/waiting/waiting-call.js';
import { closedWhile } from '../../src/governance/policy/gate.js';
import type { Limits } from '../../src/governance/policy/limits.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { Fault } from '../../src/wire/fault.js';
import { Catalog } from '../../src/wire/mcp/catalog.js';
import type { McpServer, Policy } from '../../src/wire/mcp/mcp-server.js';
import type { RequestContext } from '../../src/wire/mcp/request-context.js';
import type { Principal } from '../../src/wire/principal.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { ask, errorOf, exchangeOf, principalOf, serverOf, toolOf } from '../mcp/ask.js';
import { denialsIn, isDenial } from '../support/denials.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';

const RACES = Number(process.env.RACES ?? 200);
const SEED = Number(process.env.SEED ?? 23);
const AT_ONCE = 50;
/** Enough tenants that undecided requests do not fill the places of any. */
const tenantOf = (n: number): string => `tenant-${n % 100}`;
const clientOf = (n: number): Principal =>
  principalOf({ user: `ada-${n}`, tenant: tenantOf(n), scopes: ['pay'] });
const approverOf = (n: number) => ({ ...clientOf(n), user: 'bob', via: 'page' as const });
const GOOD = (caller: Principal) => caller;
const NARROW = (caller: Principal) => ({ ...caller, scopes: [] });
const EXPIRED = () => new Fault('unauthorized', 'the token has expired');
const clock = () => new Date();

const test = suite('approval/races');

/** A whole number below `most`; the same ones for the same seed (mulberry32). */
let seeded = SEED;
function random(most: number): number {
  seeded = (seeded + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seeded ^ (seeded >>> 15), 1 | seeded);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
}

function pick<T>(things: readonly T[]): T {
  const picked = things[random(things.length)];
  if (picked === undefined) throw new Error('there is one');
  return picked;
}

/** What a call was, and what it rests on. */
type Form = { n: number; basis: Basis | undefined };

/** What the handlers saw when they began, by the number of the run. */
const runs: Form[] = [];
/** What a person approved, by the approval. */
const approved = new Map<string, Form>();
/** Approvals that were used up. */
const consumed: string[] = [];
/** The call that recorded last that it is about to use the approval: it is the one that does. */
const users = new Map<string, RequestContext>();
/** How calls ended: with the number of their run, or with a reason. */
const ended = new Map<RequestContext, number | string>();
let ids = 0;

/** Which of two tools and policies the replicas should have; each follows when it is next looked at. */
const newest = { tool: 0, policy: 0 };

class Replica {
  readonly server: McpServer = serverOf([]);
  readonly approvals: Approvals;
  /** As its guard finds the token when it verifies it again. */
  token: (caller: Principal) => Principal | Fault = GOOD;
  on = true;
  readonly #catalogs = [1, 2].map((version) => new Catalog([this.#tool(version)]));
  readonly #policies: Policy[];
  readonly #spent: Policy;
  #catalog = pick(this.#catalogs);
  #policy: Policy;
  #isSpent = false;

  constructor(state: SharedState) {
    const { server } = this;
    const approvals = createApprovals({
      ...{ state, server: 'pay', keys: [Buffer.alloc(32, 7)], clock, newId: () => `id-${++ids}` },
      onStep: async () => {},
    });
    this.approvals = {
      ...approvals,
      async consume(approval, ...more) {
        const isUsed = await approvals.consume(approval, ...more);
        if (isUsed) consumed.push(approval.id);
        return isUsed;
      },
    };
    const policyOf = (name: string, all: number, limits: Limits = {}): Policy =>
      createPolicy({ name, clock, state, limits: { callsPerMinute: { all }, ...limits } });
    this.#policies = [policyOf('pay', 1e6), policyOf('pay', 2e6)];
    this.#policy = pick(this.#policies);
    this.#spent = policyOf('spent', 1);
    Object.defineProperty(server.catalog, 'entries', { get: () => this.#catalog.entries });
    const policy: Policy = {
      ...this.#policy,
      call: (...asked) => (this.#isSpent ? this.#spent : this.#policy).call(...asked),
      revision: () => this.#policy.revision?.() ?? '',
    };
    server.policy = { ...policy, closed: () => (this.on ? undefined : closedWhile('off')) };
    const pageOf = (id: string): string => `https://pages.example/${id}`;
    server.approvals = approvalPort(createApproving(this.approvals, pageOf, () => {}));
    server.audit = {
      async intent({ context }) {
        users.set(context.authorization.approvalId ?? '', context);
        return undefined;
      },
      outcome(_call, reply) {
        return reply;
      },
      taskEnded: async () => undefined,
      rejected: async () => {},
      close: async () => {},
    };
  }

  /** A module that is loaded again is another tool, here with another text. */
  #tool(version: number) {
    const tool = toolOf('pay', {
      ...{ description: `Pays, in version ${version}.`, scope: 'pay', destructive: true },
      handler: ({ n }) => {
        assert.ok(
          this.on && this.#catalog.entries.get('pay')?.tool === tool,
          'it runs only where it is switched on',
        );
        return { structuredContent: { run: runs.push({ n: Number(n), basis: basisOf(tool, this.server) }) } };
      },
    });
    return tool;
  }

  change(): void {
    const what = random(6);
    if (what === 0) newest.tool = random(2);
    else if (what === 1) newest.policy = random(2);
    else if (what === 2) this.#catalog.disable(new Set(pick([[], ['pay']])));
    else if (what === 3) this.on = !this.on;
    else if (what === 4) this.#isSpent = random(2) === 0;
    else this.token = pick([GOOD, NARROW, EXPIRED]);
    if (what < 2) this.#follow();
  }

  #follow(): void {
    this.#catalog = this.#catalogs[newest.tool] ?? this.#catalog;
    this.#policy = this.#policies[newest.policy] ?? this.#policy;
  }

  /** Takes back what refuses calls, and follows the other replica to its tool and policy. */
  calm(): void {
    this.#follow();
    for (const catalog of this.#catalogs) catalog.disable(new Set());
    this.on = true;
    this.token = GOOD;
    this.#isSpent = false;
  }

  /** Sends the call: whether it ran, or the approval that it needs. */
  async send(n: number): Promise<{ ran: boolean; needs?: string }> {
    const principal = clientOf(n);
    const verifyAgain = () => this.token(principal);
    const { exchange } = exchangeOf('2026-07-28', { principal, capabilities: {}, verifyAgain });
    const call = { name: 'pay', arguments: { n } };
    const reply = await ask(this.server, '2026-07-28', 'tools/call', call, exchange);
    if ('result' in reply.response) {
      const { structuredContent } = reply.response.result;
      ended.set(exchange, Number((structuredContent as JsonObject).run));
      return { ran: true };
    }
    const { code, message, data } = errorOf(reply);
    for (const denial of denialsIn(reply.response)) assert.ok(isDenial(denial), JSON.stringify(denial));
    const { reason, approval } = isRecord(data) ? data : {};
    // A refusal without a machine-readable reason: the tool does not exist, or no longer does.
    if (reason === undefined)
      assert.match(message, /no such tool: pay|pay was replaced while the call waited/);
    ended.set(exchange, String(reason ?? message.slice(0, 40)));
    assert.is(typeof reason === 'string', code !== -32602);
    return {
      ran: false,
      ...(reason === 'approval_required' && isRecord(approval) && { needs: String(approval.id) }),
    };
  }

  async approve(id: string, n: number): Promise<void> {
    const shown = await this.approvals.show(id, approverOf(n));
    if (shown === undefined) return;
    assert.equal(shown.args, { n }, 'the approver sees the call');
    const { kind } = await this.approvals.decide(id, approverOf(n), { approve: true, comment: '' });
    if (kind === 'decided') approved.set(id, { n, basis: shown.basis });
  }
}

// What survives a crash of the database is for other tests; here it would only take most of the time.
const postgres = await startPostgres(['fsync=off', 'synchronous_commit=off']);
if (postgres === undefined) reportSkip('approval/races', 'PostgreSQL is not installed here');
else {
  const { url, stop } = postgres;
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const states = [1, 2].map(() => createPostgresState({ url, clock, onError, connections: 25 }));
  let isCalm = true;
  /** Something changes between two steps of a call, wherever it is: mostly back to calm, or nothing would ever run. */
  const changing = (state: SharedState): SharedState => ({
    ...state,
    async update(space, key, step) {
      const result = await state.update(space, key, step);
      if (isCalm) return result;
      if (random(120) === 0) pick(replicas).change();
      else if (random(50) === 0) pick(replicas).calm();
      return result;
    },
  });
  const replicas: readonly Replica[] = states.map((state) => new Replica(changing(state)));
  test.after(async () => {
    await Promise.all(states.map((state) => state.close()));
    await stop();
  });

  /** Callers ask, a person approves, and callers race for the approval, until the call ran or has had its tries. */
  async function race(n: number): Promise<void> {
    for (let round = 0; round < 8; round += 1) {
      const answers = await Promise.all(Array.from({ length: 1 + random(4) }, () => pick(replicas).send(n)));
      if (answers.some(({ ran }) => ran)) return;
      for (const replica of replicas) if (random(2) === 0) replica.calm();
      const needed = new Set(answers.flatMap(({ needs }) => needs ?? []));
      for (const id of needed) await pick(replicas).approve(id, n);
    }
  }

  /** What was approved is what ran, once each; and what was used up without a run has a reason. */
  function checkAll(): void {
    assert.is(new Set(consumed).size, consumed.length, 'an approval is used up once');
    const ran = new Set<number>();
    for (const id of consumed) {
      const user = users.get(id);
      const end = user && ended.get(user);
      assert.ok(end !== undefined, `${id} was used, and its call has no end`);
      if (typeof end === 'string') continue;
      assert.equal(runs[end - 1], approved.get(id), `${id} ran in the form that was approved`);
      ran.add(end);
    }
    assert.is(ran.size, runs.length, 'each run used an approval of its own');
  }

  test(`${RACES} calls race while everything under them changes (seed ${SEED})`, async () => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < RACES) await race(++next);
    };
    isCalm = false;
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    isCalm = true;
    checkAll();
    const ends = [...ended.values()].map((end) => (typeof end === 'number' ? 'ran' : end));
    const counts = [...new Set(ends)].map((end) => `${end} ${ends.filter((one) => one === end).length}`);
    const unused = consumed.length - runs.length;
    console.log(
      `${approved.size} approvals, ${consumed.length} used, ${unused} of them told why they did not run`,
    );
    console.log(counts.join(', '));
    assert.ok(runs.length > RACES / 4, `${runs.length} ran`);
    assert.equal(errors, []);
  });

  test('what is left approved runs once all is calm, or is asked about again', async () => {
    for (const replica of replicas) replica.calm();
    const left = [...approved].filter(([id]) => !consumed.includes(id)).map(([, { n }]) => n);
    const settle = async (n: number): Promise<void> => {
      for (let tries = 0; tries < 4; tries += 1) {
        const { ran, needs } = await pick(replicas).send(n);
        if (ran) return;
        if (needs !== undefined) await pick(replicas).approve(needs, n);
      }
      throw new Error(`call ${n} did not run`);
    };
    await Promise.all([...new Set(left)].slice(0, 200).map(settle));
    checkAll();
  });
}

test.run();

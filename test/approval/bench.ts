/** Approvals over a state of their own, with a clock that the test sets, and every step that they reported. */

import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import {
  type Approval,
  type Approver,
  bindingOf,
  type Call,
} from '../../src/governance/approval/approval.js';
import {
  type Approvals,
  type ApprovalsOptions,
  createApprovals,
} from '../../src/governance/approval/approvals.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { principalOf } from '../mcp/ask.js';

export const NOON = Date.parse('2026-11-23T12:00:00Z');

export const CALL: Call = {
  tool: 'jira.create',
  principal: principalOf({ user: 'ada', tenant: 'acme', clientId: 'demo', scopes: ['jira:write'] }),
  args: { project: 'OPS', summary: 'mail bob@example.com' },
  reason: 'destructive tool requires fresh human approval (Slack card)',
};
export const BINDING = bindingOf('s', CALL);
export const PENDING: Approval = {
  ...BINDING,
  id: 'id-1',
  args: {},
  reason: 'because',
  createdAt: NOON,
  expiresAt: NOON + 1_000,
  fourEyes: false,
  state: 'pending',
};
export const BOB: Approver = { issuer: 'https://issuer.example', user: 'bob', tenant: 'acme', via: 'page' };
export const YES = { approve: true, comment: '' };
export const ACME = { issuer: BOB.issuer, tenant: BOB.tenant };
export const KEYS = [Buffer.alloc(32, 1)];
export const NO = { approve: false, comment: 'not today' };

export type Bench = Approvals & { steps: string[]; clock: { now: number }; wait(ms: number): void };

export function bench(given: Partial<ApprovalsOptions> = {}): Bench {
  const clock = { now: NOON };
  const steps: string[] = [];
  let ids = 0;
  const approvals = createApprovals({
    state: createMemoryState(() => new Date(clock.now)),
    server: 'internal-destructive-mcp',
    keys: KEYS,
    sealer: () => createSealer(KEYS, () => new Date(clock.now)),
    clock: () => new Date(clock.now),
    newId: () => `id-${++ids}`,
    onStep: async (step, { id }, by) => void steps.push([step, id, by?.user].filter(Boolean).join(' ')),
    ...given,
  });
  return {
    ...approvals,
    steps,
    clock,
    wait: (ms) => {
      clock.now += ms;
    },
  };
}

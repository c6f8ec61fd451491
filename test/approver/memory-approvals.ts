/** An approval service in memory for the pages: it obeys the rules of the real one, and records who looked and decided. */
import type {
  Approval,
  ApprovalService,
  Approver,
  DecisionResult,
  Tenant,
} from '../../src/governance/approval/approval.js';

export const TTL_MS = 15 * 60_000;

export class MemoryApprovals implements ApprovalService {
  readonly approvals = new Map<string, Approval>();
  readonly looks: string[] = [];
  readonly #listeners = new Set<() => void>();
  #made = 0;

  constructor(
    readonly clock: () => Date,
    readonly fourEyes: boolean,
    /** The default tenant of callers. */
    readonly issuer = 'https://issuer.example',
  ) {}

  get watching(): number {
    return this.#listeners.size;
  }

  /** A request of somebody, good in every way by default. */
  ask(given: Partial<Approval> = {}): Approval {
    this.#made += 1;
    const createdAt = this.clock().getTime();
    const approval: Approval = {
      id: `request-${this.#made}`,
      server: 'internal-destructive-mcp',
      tool: 'jira.create',
      issuer: this.issuer,
      tenant: 'demo',
      user: 'elif.ueda9@example.com',
      clientId: 'demo',
      digest: 'ab'.repeat(32),
      args: { project: 'OPS', summary: 'Read the wire' },
      reason: 'jira.create changes state',
      createdAt,
      expiresAt: createdAt + TTL_MS,
      fourEyes: this.fourEyes,
      state: 'pending',
      ...given,
    };
    this.put(approval);
    return approval;
  }

  put(approval: Approval): void {
    this.approvals.set(approval.id, approval);
    for (const listener of this.#listeners) listener();
  }

  async pending({ issuer, tenant }: Tenant): Promise<Approval[]> {
    return [...this.approvals.values()]
      .filter(
        (one) =>
          one.issuer === issuer && one.tenant === tenant && one.state === 'pending' && !this.#isOver(one),
      )
      .reverse();
  }

  async decided({ issuer, tenant }: Tenant): Promise<Approval[]> {
    return [...this.approvals.values()]
      .filter((one) => one.issuer === issuer && one.tenant === tenant && one.state !== 'pending')
      .sort((one, other) => (other.decidedAt ?? 0) - (one.decidedAt ?? 0));
  }

  async show(id: string, { issuer, user, tenant, via }: Approver): Promise<Approval | undefined> {
    const approval = this.approvals.get(id);
    if (approval?.tenant !== tenant || approval.issuer !== issuer) return undefined;
    this.looks.push(`${user} looked at ${id} via ${via}`);
    return approval;
  }

  async decide(
    id: string,
    { issuer, user, tenant, via }: Approver,
    { approve, comment }: { approve: boolean; comment: string },
  ): Promise<DecisionResult> {
    const approval = this.approvals.get(id);
    if (approval?.tenant !== tenant || approval.issuer !== issuer)
      return { kind: 'not-decided', why: 'unknown' };
    const own = approval.user === user && approval.issuer === issuer;
    if (this.fourEyes && own) return { kind: 'not-decided', why: 'own', approval };
    if (approval.state !== 'pending') return { kind: 'not-decided', why: 'decided', approval };
    if (this.#isOver(approval)) return { kind: 'not-decided', why: 'expired', approval };
    const decided: Approval = {
      ...approval,
      state: approve ? 'approved' : 'refused',
      decidedBy: { issuer, user },
      decidedVia: via,
      decidedAt: this.clock().getTime(),
      comment,
    };
    this.put(decided);
    return { kind: 'decided', approval: decided };
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #isOver({ expiresAt }: Approval): boolean {
    return expiresAt <= this.clock().getTime();
  }
}

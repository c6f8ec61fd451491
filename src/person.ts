/** The person in the loop, wired from the settings: where approvals are kept, and the pages on which they are given. */
import { randomUUID } from 'node:crypto';
import { APPROVALS_CLIENT, APPROVALS_PATH } from './approval/addresses.js';
import { createApprovals } from './approval/approvals.js';
import { createApproverPages } from './approver/approver.js';
import { createSealer, readSealingKeys } from './auth/sealer.js';
import { now } from './clock.js';
import type { Config } from './config.js';
import { createApproving, recordSteps } from './endpoint/approving.js';
import type { AuditOptions, EndpointOptions } from './endpoint/options.js';
import type { Face } from './servers.js';
import type { SharedState } from './shared-state.js';

type Parts = {
  state: SharedState;
  audit: AuditOptions;
  issuers: readonly string[];
  onError: (error: unknown, about: string) => void;
};

export function approvalsOf(
  config: Config,
  { name, tools }: Face,
  { state, audit, issuers, onError }: Parts,
): Required<Pick<EndpointOptions, 'approving' | 'pages'>> {
  const fourEyes = config.approval === 'four-eyes';
  const approvals = createApprovals({
    state,
    server: name,
    clock: now,
    newId: randomUUID,
    fourEyes,
    onStep: recordSteps(audit),
  });
  const sealer = createSealer(readSealingKeys(config.stateKeys), now);
  // Known with the resource, which may be the address that a free port gave.
  let origin = '';
  const pageOf = (id: string): string => `${origin}${APPROVALS_PATH}/${id}`;
  return {
    approving: createApproving(approvals, pageOf, () => {}),
    pages({ resource, verifier }) {
      origin = new URL(resource).origin;
      return createApproverPages({
        desk: approvals,
        verifier,
        issuer: issuers[0] ?? '',
        resource,
        origin,
        client: config.approvalsClient ?? { id: APPROVALS_CLIENT },
        sealer,
        clock: now,
        fourEyes,
        onError,
        describe: (tool) => tools.find((one) => one.name === tool),
      });
    },
  };
}

/** When a person must approve a call, and who counts as a different person. */
import { APPROVAL_TTL_MS } from '../../../governance/approval/approval.js';
import { topic } from '../setting.js';
import { CLIENT, count, FILE, KEYS, milliseconds, oneOf } from '../types.js';

export const approval = topic('approval', 'Approval by a person', (setting) => ({
  approval: setting('approval', oneOf('either', 'token', 'call', 'four-eyes'), {
    default: 'either',
    help: 'What a destructive call needs. token: an approval by a person in the access token. call: an approval of exactly this call. either: one of the two. four-eyes: like call, but by somebody other than the person who asked (see --persons).',
  }),
  approvalMs: setting('approval-ms', milliseconds(100, 900_000), {
    default: APPROVAL_TTL_MS,
    help: 'How long a call waits for its approval, and how long the approval stays valid.',
  }),
  waitingCallsPerPrincipal: setting('waiting-calls-per-principal', count(1, 10_000), {
    default: 100,
    help: "One user's calls, through all clients and including tasks, that may wait for a person at the same time in each process. All users together may have 10000.",
  }),
  persons: setting('persons', FILE, {
    defaultText: 'each user of each issuer is a separate person',
    help: 'JSON {"persons": {"NAME": [{"issuer", "user"}, …]}}: accounts, including those of programs, that four-eyes counts as one person.',
  }),
  approvalsClient: setting('approvals-client', CLIENT, {
    neededBy: ['destructive'],
    help: 'Client of the approval pages at the first issuer, registered with the redirect URI <origin>/approvals/callback.',
  }),
  approvalKeys: setting('approval-keys', KEYS, {
    default: '',
    neededBy: ['destructive'],
    defaultText: 'each process generates its own',
    help: 'Secrets of 32 bytes in base64url for approval records and sign-ins on the approval pages; replicas of the destructive server share them. The first seals, all open. Anybody who has one can act as any approver.',
  }),
}));

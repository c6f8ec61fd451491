/** Who decides whether a call may run, and how often and with how much it may be made. */
import { topic } from '../setting.js';
import { CALLS_PER_MINUTE, COUNT_BY_TOOL, HTTP_URL, milliseconds, oneOf, SWITCH } from '../types.js';

export const policy = topic('policy', 'Policy and quotas', (setting) => ({
  policy: setting('policy', oneOf('embedded', 'opa'), {
    default: 'embedded',
    help: 'What decides about calls: the rules in this program, or an Open Policy Agent.',
  }),
  opaUrl: setting('opa-url', HTTP_URL, {
    help: 'URL of the Open Policy Agent. A URL without a path gets /v1/data/barewire/decision.',
  }),
  opaMs: setting('opa-ms', milliseconds(1, 60_000), {
    default: 250,
    help: 'Time the agent has for a decision. A call without a decision by then is refused.',
  }),
  policyDryRun: setting('policy-dry-run', SWITCH, {
    default: 'false',
    help: 'Decide and record, but let every call pass. Tokens are still checked.',
  }),
  // Every server limits how often its tools are called (2026-07-28/tools/038): far above what a person or a model needs.
  quota: setting('quota', CALLS_PER_MINUTE, {
    default: 6_000,
    help: 'Calls per minute for each tenant and tool, and other numbers for single tools. 0 means no limit.',
  }),
  payloadCaps: setting('payload-cap', COUNT_BY_TOOL, {
    default: '',
    help: 'Maximum characters in the arguments of single tools, below the general limit of 8192.',
  }),
}));

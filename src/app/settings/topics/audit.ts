/** The audit log. */
import { topic } from '../setting.js';
import { count, FOLDER, SWITCH } from '../types.js';

export const audit = topic('audit', 'Audit log', (setting) => ({
  auditDir: setting('audit-dir', FOLDER, {
    defaultText: '~/.local/state/barewire/audit',
    help: 'Folder of the audit logs, with a folder for each server in it.',
  }),
  auditRequired: setting('audit-required', SWITCH, {
    default: 'false',
    help: 'While the audit log cannot be written, refuse reads as well. Calls that change something are always refused then.',
  }),
  auditAnonymous: setting('audit-anonymous', count(1, 1_000_000), {
    default: 60,
    help: 'How many refused callers without a valid token get a full audit record, for each reason and minute. The others are only counted.',
  }),
}));

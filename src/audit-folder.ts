/** Where the audit logs are kept, one folder in it for each server: what writes them and what reads them ask here. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function auditFolderOf({ auditDir, stateHome }: { auditDir?: string; stateHome?: string }): string {
  return auditDir ?? join(stateHome ?? join(homedir(), '.local', 'state'), 'barewire', 'audit');
}

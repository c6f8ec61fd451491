/** Where state is kept on this machine: what writes it and what reads it ask here. */
import { homedir } from 'node:os';
import { join } from 'node:path';

type Folders = { stateHome?: string; auditDir?: string; registryDir?: string };

export function stateFolderOf({ stateHome }: Folders): string {
  return join(stateHome ?? join(homedir(), '.local', 'state'), 'barewire');
}

/** One folder in it for each server. */
export function auditFolderOf(folders: Folders): string {
  return folders.auditDir ?? join(stateFolderOf(folders), 'audit');
}

export function registryFolderOf(folders: Folders): string {
  return folders.registryDir ?? join(stateFolderOf(folders), 'registry');
}

/** Where a process keeps its state on this machine. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from './config.js';

type StateHome = Pick<Config, 'stateHome'>;

export function stateFolderOf({ stateHome }: StateHome): string {
  return join(stateHome ?? join(homedir(), '.local', 'state'), 'barewire');
}

/** It has a folder for each server. */
export function auditFolderOf(config: StateHome & Pick<Config, 'auditDir'>): string {
  return config.auditDir ?? join(stateFolderOf(config), 'audit');
}

export function registryFolderOf(config: StateHome & Pick<Config, 'registryDir'>): string {
  return config.registryDir ?? join(stateFolderOf(config), 'registry');
}

/** Starts a server of the lesson as a child process that speaks on stdio. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FIXTURES, ROOT } from '../../lesson/files.js';
import type { ServerName } from '../../lesson/transcripts/steps.js';

/** Small tools made for the transcripts. */
export const LESSON_TOOLS = join(FIXTURES, 'tools.js');

/** Its log lines go to the console of this process, as those of the other servers do. */
export function spawnStdio(server: ServerName, home: string) {
  const program = import.meta.url.endsWith('.ts') ? ['--import', 'tsx', 'src/server.ts'] : ['dist/server.js'];
  // The names of the lesson's tools are as they are on purpose.
  const log = ['--log-level', 'info,tool=error', '--log-format', process.stderr.isTTY ? 'text' : 'json'];
  const args = [...program, '--stdio', '--only', server, '--tools', LESSON_TOOLS, ...log];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, XDG_STATE_HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  createInterface(child.stderr).on('line', (line) => console.error(line));
  return child;
}

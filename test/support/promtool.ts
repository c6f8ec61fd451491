/** Checks metrics and rules with Prometheus's own program. */
import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { findProgram, reportSkip } from './programs.js';

/** Runs promtool, which must find nothing wrong. A missing promtool is a reported skip. */
export function promtool(args: readonly string[], input?: string): void {
  const program = findProgram('promtool');
  if (program === undefined) {
    reportSkip(`promtool ${args.slice(0, 2).join(' ')}`, 'there is no promtool here');
    return;
  }
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  assert.is(status, 0, `${stdout}${stderr}`);
  assert.is(stderr, '');
}

/** The exposition parses, every family has its help, and names end in their units. */
export function checkMetrics(text: string): void {
  promtool(['check', 'metrics'], text);
}

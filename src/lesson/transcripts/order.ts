/** What may follow what in a transcript: nothing is answered that was not asked, and nothing is left open by mistake. */
import { WireSyntaxError } from './expected.js';
import type { Step } from './steps.js';

/** A response answers something: the request just before it, or an exchange that was opened and is still open. */
export function checkOrder(all: Step[]): void {
  // Records stand beside the exchange that left them.
  const steps = all.filter(({ kind }) => kind !== 'record');
  const open = new Map<string, 'sent' | 'answered'>();
  for (const [index, step] of steps.entries()) {
    const { kind, name, line } = step;
    const state = open.get(name);
    let problem: string | undefined;
    if (name === '') {
      const [before, after] = [steps[index - 1], steps[index + 1]];
      if (kind === 'send' && !(after?.kind === 'expect' && after.name === '')) {
        problem = 'no response follows; give the exchange a name ("> @name") to leave it open';
      } else if (kind === 'expect' && !(before?.kind === 'send' && before.name === '')) {
        problem = 'no request without a name stands before this response';
      }
    } else if (kind === 'send') {
      if (state !== undefined) problem = `"@${name}" is still open`;
      open.set(name, 'sent');
    } else {
      if (state === undefined) problem = `no request opened "@${name}"`;
      if (kind === 'expect') {
        if ((step.expected.kind === 'response') !== (state === 'sent')) {
          problem ??= `the first block of "@${name}", and no later one, begins with a status line`;
        }
        open.set(name, 'answered');
      } else open.delete(name);
    }
    if (problem !== undefined) throw new WireSyntaxError(line, problem);
  }
}

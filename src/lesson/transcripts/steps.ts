/** The steps of a transcript: transcript.ts reads them, and a player performs them in order. */
import { type Expected, type ExpectedText, type Line, WireSyntaxError } from './expected.js';

/**
 * `sessions` is the readonly server with legacy sessions and low limits, `undecided` one whose policy engine cannot be reached,
 * `hasty` a destructive one whose approvals last one second. `any` is no server of ours: any MCP server must pass the transcript.
 */
export const SERVERS = [
  'readonly',
  'destructive',
  'sessions',
  'undecided',
  'hasty',
  'registry',
  'authserver',
  'any',
] as const;
export type ServerName = (typeof SERVERS)[number];

/** `name` is '' for an exchange without a name, and on stdio. */
export type Step =
  | { kind: 'send'; name: string; line: number; head: Line[]; body: Line[] | undefined; on?: ServerName }
  | { kind: 'write'; name: ''; line: number; text: string }
  | { kind: 'record'; name: ''; line: number; expected: ExpectedText & { kind: 'json' } }
  | { kind: 'expect'; name: string; line: number; expected: Expected }
  | { kind: 'close'; name: string; line: number }
  | { kind: 'end'; name: string; line: number };

/** A response must answer the request just before it, or an exchange that is still open. */
export function checkOrder(all: Step[]): void {
  // Records belong to the exchange that left them.
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

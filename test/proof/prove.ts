/**
 * Plays the transcripts of a clause against servers that break it, and says which of them notice. Each transcript is
 * played first through a proxy that changes nothing: one that fails by itself proves nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTheatre, type Theatre } from '../../src/app/theatre/theatre.js';
import { isPlayed } from '../../src/lesson/chapters.js';
import { FIXTURES } from '../../src/lesson/files.js';
import { type Mistake, play } from '../../src/lesson/player/play.js';
import { readTranscript, type Transcript } from '../../src/lesson/transcripts/transcript.js';
import { SessionIds } from '../support/session-ids.js';
import { runMutation } from './mutate.js';
import { ViolatingProxy } from './proxy.js';
import { isMutation, type Proof, type Proofs, type Violation } from './violation.js';

export type Outcome = {
  clause: string;
  does: string;
  /** What noticed it, or why nothing did. */
  noticed: boolean;
  by: string;
};
type Script = { file: string; text: string; transcript: Transcript };

/** After so many plays the servers are restarted, because they remember approvals, quotas and tasks. */
const MAX_PLAYS = 120;
/** Most of the time is spent waiting for messages that a violation withholds. */
const AT_ONCE = 3;
const HONEST: Violation = { does: 'keeps to every clause' };
/** With small limits, which a first play uses up. */
const LIMITED = ['sessions', 'hasty'];

export function readScripts(): Script[] {
  const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter(isPlayed).sort();
  return files.flatMap((file) => {
    const text = readFileSync(join(FIXTURES, file), 'utf8');
    const reading = readTranscript(text);
    return reading.kind === 'transcript' ? [{ file, text, transcript: reading.transcript }] : [];
  });
}

export async function prove(
  proofs: Proofs,
  clauses: string[],
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const scripts = readScripts();
  const queue = clauses.flatMap((clause) =>
    [proofs[clause] ?? []].flat().map((proof) => ({ clause, proof })),
  );
  const controls: Controls = new Map();
  const worker = async (): Promise<void> => {
    const house = new House();
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { clause, proof } = next;
        const named = scripts.filter(
          ({ file, transcript }) => transcript.clauses.includes(clause) && file.includes(proof.in ?? ''),
        );
        tell({ clause, does: proof.does, ...(await proveOne(proof, named, house, controls)) });
      }
    } finally {
      await house.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** How an honest server does: what differs, how long it takes, and whether it can be asked twice. */
type Control = { problem: string | undefined; ms: number; once: boolean };
type Controls = Map<string, Promise<Control>>;

async function proveOne(
  proof: Proof,
  scripts: Script[],
  house: House,
  controls: Controls,
): Promise<Pick<Outcome, 'noticed' | 'by'>> {
  if (scripts.length === 0) return { noticed: false, by: 'no transcript names the clause' };
  if (isMutation(proof))
    return runMutation(
      proof,
      scripts.map(({ file }) => file),
    );
  const misses: string[] = [];
  for (const script of scripts) {
    const { file } = script;
    const checking = controls.get(file) ?? house.control(script);
    controls.set(file, checking);
    const control = await checking;
    if (control.problem !== undefined) {
      misses.push(`${file} fails by itself: ${control.problem}`);
      continue;
    }
    let { mistakes, altered } = await house.play(script, proof, control);
    // It failed before the violation: the machine was slow, or an earlier play left traces.
    if (altered.size === 0 && mistakes.length > 0)
      ({ mistakes, altered } = await house.play(script, proof, { ...control, once: true }));
    const [mistake] = mistakes;
    if (altered.size === 0)
      misses.push(`${file} gives it no occasion${mistake === undefined ? '' : `: ${shown(mistake)}`}`);
    else if (mistake === undefined) misses.push(`${file} passes all the same`);
    else if (mistake.line !== 0 && mistake.line < Math.min(...altered)) misses.push(`${file} fails before`);
    else return { noticed: true, by: `${file}:${mistake.line} ${shown(mistake)}` };
  }
  return { noticed: false, by: misses.join('; ') };
}

/** Servers to play against, started afresh where what they have been told would show. */
class House {
  #theatre: Theatre | undefined;
  #plays = 0;

  async control(script: Script): Promise<Control> {
    const fresh = { problem: undefined, ms: 0, once: true };
    const reused = { ...fresh, once: false };
    if (LIMITED.includes(script.transcript.server)) return this.#judged(script, fresh);
    const first = await this.#judged(script, reused);
    // Another transcript may have been there before.
    if (first.problem !== undefined) {
      const alone = await this.#judged(script, fresh);
      // A server that first opens its database is slow once.
      return alone.problem === undefined ? alone : this.#judged(script, reused);
    }
    const second = await this.#judged(script, reused);
    return { ...first, once: second.problem !== undefined };
  }

  async #judged(script: Script, how: Control): Promise<Control> {
    const began = performance.now();
    const { mistakes } = await this.play(script, HONEST, how);
    const problem = mistakes[0] === undefined ? undefined : shown(mistakes[0]);
    return { ...how, problem, ms: performance.now() - began };
  }

  async play({ file, text, transcript }: Script, violation: Violation, { once, ms }: Control) {
    this.#plays += 1;
    if (once || this.#plays > MAX_PLAYS) await this.close();
    this.#theatre ??= createTheatre();
    const stage = await this.#theatre.stageFor(transcript, text);
    // As long as an honest server takes, plus a second.
    const proxy = new ViolatingProxy(violation, 1_000 + 1.5 * ms);
    const { mistakes, traffic } = await play(transcript, { ...stage, through: proxy.through }, file);
    proxy.close();
    // Failures that no single line can describe.
    const problem = mistakes.length > 0 ? undefined : new SessionIds().problem(traffic);
    if (problem !== undefined) mistakes.push({ line: 0, problem });
    return { mistakes, altered: proxy.altered };
  }

  async close(): Promise<void> {
    this.#plays = 0;
    const theatre = this.#theatre;
    this.#theatre = undefined;
    await theatre?.close();
  }
}

function shown(mistake: Mistake): string {
  const text = 'problem' in mistake ? mistake.problem : `${mistake.where}: ${mistake.received}`;
  return text.slice(0, 90);
}

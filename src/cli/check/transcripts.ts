/** Reads the transcripts that any MCP server must pass, in the order of their stages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLAUSE_ID } from '../../lesson/annotations/clauses.js';
import { FIXTURES } from '../../lesson/files.js';
import { readTranscript, type Transcript } from '../../lesson/transcripts/transcript.js';

/** In the order in which they are played: what a server must have comes before what it may have, and what may hurt it comes last. */
export const STAGES = [
  'discovery',
  'handshake',
  'json-rpc',
  'http',
  'versions',
  'tools',
  'resources',
  'prompts',
  'streams',
  'sessions',
  'authorization',
  'hostile-input',
] as const;
export type StageName = (typeof STAGES)[number];

export type Entry = {
  /** `tools/refuses-an-unknown-tool.wire`, which names it. */
  file: string;
  stage: StageName;
  source: string;
  transcript: Transcript;
};

export const FOLDER = join(FIXTURES, 'check');

/** @throws Error if one of them cannot be read */
export function readEntries(folder = FOLDER): Entry[] {
  return STAGES.flatMap((stage) =>
    readdirSync(join(folder, stage))
      .filter((name) => name.endsWith('.wire'))
      .sort()
      .map((name) => readEntry(folder, stage, `${stage}/${name}`)),
  );
}

function readEntry(folder: string, stage: StageName, file: string): Entry {
  const source = readFileSync(join(folder, file), 'utf8');
  const reading = readTranscript(source);
  if (reading.kind === 'refused') throw new Error(`${file}:${reading.line} ${reading.problem}`);
  return { file, stage, source, transcript: reading.transcript };
}

/**
 * The clauses that a line of a transcript checks: those of the last note above it that names some. Undefined if only later notes
 * do, because the line then leads up to what the transcript is about.
 */
export function clausesAt(
  { clauses, notes }: Pick<Transcript, 'clauses' | 'notes'>,
  line: number,
): string[] | undefined {
  const naming = notes
    .map((note) => ({ line: note.line, ids: note.text.match(CLAUSE_ID) ?? [] }))
    .filter(({ ids }) => ids.length > 0);
  if (naming.length === 0) return clauses;
  return naming.findLast((note) => note.line < line)?.ids;
}

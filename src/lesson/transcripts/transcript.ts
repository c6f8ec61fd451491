/**
 * Reads the text of a `.wire` file: a title, its clauses and the steps to play, or the line at fault.
 * The format is described in spec-fixtures/README.md; match.ts and request.ts know the wildcards and insertions.
 */
import type { Era } from '../../wire/revisions.js';
import { type Line, readFrameLines, readResponseLines, readTextLines, WireSyntaxError } from './expected.js';
import { checkOrder, SERVERS, type ServerName, type Step } from './steps.js';

export type Transcript = {
  title: string;
  clauses: string[];
  server: ServerName;
  transport: 'http' | 'stdio';
  /** Whether its messages can also be played over stdio, without what HTTP adds. */
  eitherTransport: boolean;
  /** Of a transcript for any server: the era it is for, both if absent, and what the server must offer. */
  era: Era | undefined;
  needs: string[];
  steps: Step[];
  notes: Line[];
};

export type Reading =
  | { kind: 'transcript'; transcript: Transcript }
  | { kind: 'refused'; line: number; problem: string };

type Block = { mark: '>' | '<' | '='; isSent: boolean; lines: Line[] };

export function readTranscript(text: string): Reading {
  try {
    return { kind: 'transcript', transcript: read(text.split(/\r?\n/)) };
  } catch (error) {
    if (!(error instanceof WireSyntaxError)) throw error;
    return { kind: 'refused', line: error.line, problem: error.message };
  }
}

function read(lines: string[]): Transcript {
  const transcript: Transcript = { ...readHeading(lines), steps: [], notes: [] };
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const [, mark = '', , content = ''] = /^([#><*=]?)( ([\s\S]*))?$/.exec(raw) ?? [];
    if (mark === '' && raw.trim() !== '') {
      throw new WireSyntaxError(line, 'a line begins with "#", ">", "<", "=" or "*" and one space');
    }
    if (mark === '#' && blocks.length > 0) throw new WireSyntaxError(line, '"#" lines stand at the top');
    if (mark === '*') transcript.notes.push({ line, text: content });
    if (mark === '') open = undefined;
    if (mark !== '>' && mark !== '<' && mark !== '=') continue;
    if (open?.mark !== mark || content.startsWith('@')) {
      open = { mark, isSent: mark === '>', lines: [] };
      blocks.push(open);
    }
    open.lines.push({ line, text: content });
    if (/^@\S+ \w+$/.test(content)) open = undefined;
  }
  if (blocks.length === 0) throw new WireSyntaxError(lines.length, 'nothing is sent');
  const stepsOf = transcript.transport === 'stdio' ? stdioSteps : httpSteps;
  transcript.steps = blocks.flatMap((block) => (block.mark === '=' ? [recordStep(block)] : stepsOf(block)));
  if (transcript.transport === 'http') checkOrder(transcript.steps);
  return transcript;
}

function readHeading(lines: string[]): Omit<Transcript, 'steps' | 'notes'> {
  const title = /^# (.+)$/.exec(lines[0] ?? '')?.[1];
  if (title === undefined || /^\w+: /.test(title)) {
    throw new WireSyntaxError(1, 'the first line is "# " and the title');
  }
  const heading: Omit<Transcript, 'steps' | 'notes'> = {
    title,
    clauses: [],
    server: 'readonly',
    transport: 'http',
    eitherTransport: false,
    era: undefined,
    needs: [],
  };
  let withoutClauses = false;
  for (const [index, raw] of lines.entries()) {
    const [, key, rest = ''] = /^# *(\w+):(.*)$/.exec(raw) ?? [];
    const value = rest.trimStart();
    const server = SERVERS.find((name) => name === value);
    if (index === 0 || !raw.startsWith('#')) continue;
    if (key === 'clauses' && value === 'none') withoutClauses = true;
    else if (key === 'clauses') heading.clauses.push(...value.split(/\s+/).filter((id) => id !== ''));
    else if (key === 'server' && server !== undefined) heading.server = server;
    else if (key === 'transport' && value === 'either') heading.eitherTransport = true;
    else if (key === 'era' && (value === 'modern' || value === 'legacy')) heading.era = value;
    else if (key === 'needs') heading.needs.push(...value.split(/\s+/).filter((need) => need !== ''));
    else if (key === 'transport' && (value === 'http' || value === 'stdio')) heading.transport = value;
    else {
      throw new WireSyntaxError(
        index + 1,
        'expected "# clauses: <id>...", "# server: readonly|destructive|sessions|undecided|hasty|registry|authserver|any", "# transport: http|stdio|either", "# era: modern|legacy" or "# needs: <word>..."',
      );
    }
  }
  if (heading.clauses.length === 0 && !withoutClauses)
    throw new WireSyntaxError(1, 'a "# clauses:" line names at least one, or says "none"');
  return heading;
}

function recordStep({ lines }: Block): Step {
  const line = lines[0]?.line ?? 0;
  const expected = readTextLines(lines, line);
  if (expected.kind !== 'json') throw new WireSyntaxError(line, 'a record is a JSON object');
  return { kind: 'record', name: '', line, expected };
}

type BlockName = { name: string; verb: Step | undefined; rest: Line[]; on?: ServerName };

/** Reads `@name`, `@name on <server>`, `@name closes` or `@name ends` in the first line of a block. */
function readName({ isSent, lines }: Block): BlockName {
  const first = lines[0];
  if (first === undefined || !first.text.startsWith('@')) return { name: '', verb: undefined, rest: lines };
  const [, name = '', word, target] = /^@([\w-]+)(?: (\w+)| on (\w+))?$/.exec(first.text) ?? [];
  const on = SERVERS.find((server) => isSent && server === target);
  const verb = word ?? (on === undefined ? target : undefined);
  if (name === '' || (verb !== undefined && verb !== (isSent ? 'closes' : 'ends'))) {
    const forms = isSent ? '"@name", "@name on <server>" or "@name closes"' : '"@name" or "@name ends"';
    throw new WireSyntaxError(first.line, `expected ${forms}`);
  }
  if (on !== undefined) return { name, verb: undefined, rest: lines.slice(1), on };
  if (verb === undefined) return { name, verb, rest: lines.slice(1) };
  return { name, verb: { kind: isSent ? 'close' : 'end', name, line: first.line }, rest: [] };
}

function httpSteps(block: Block): Step[] {
  const { name, verb, rest, on } = readName(block);
  if (verb !== undefined) return [verb];
  const first = rest[0];
  const line = first?.line ?? block.lines[0]?.line ?? 0;
  if (first === undefined) throw new WireSyntaxError(line, 'nothing follows the name');
  if (block.isSent) {
    const gap = rest.findIndex(({ text }) => text === '');
    const step = { kind: 'send' as const, name, line, ...(on === undefined ? {} : { on }) };
    if (gap < 0) return [{ ...step, head: rest, body: undefined }];
    return [{ ...step, head: rest.slice(0, gap), body: rest.slice(gap + 1) }];
  }
  if (/^HTTP\//.test(first.text)) return [{ kind: 'expect', name, line, expected: readResponseLines(rest) }];
  if (name === '') throw new WireSyntaxError(line, 'a response begins with its status line');
  return [{ kind: 'expect', name, line, expected: { kind: 'frames', frames: readFrameLines(rest), line } }];
}

function stdioSteps(block: Block): Step[] {
  const { name, verb } = readName(block);
  if (verb !== undefined && name === (block.isSent ? 'stdin' : 'stdout')) return [{ ...verb, name: '' }];
  if (name !== '') throw new WireSyntaxError(block.lines[0]?.line ?? 0, 'stdio has no named exchanges');
  return block.lines.map(({ line, text }): Step => {
    if (block.isSent) return { kind: 'write', name: '', line, text };
    return {
      kind: 'expect',
      name: '',
      line,
      expected: { kind: 'line', line, body: readTextLines([{ line, text }], line) },
    };
  });
}

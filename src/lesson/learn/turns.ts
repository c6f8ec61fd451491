/** A transcript as turns: each is a request with its answer, what explains it, and what it left in the audit log. */
import { withoutLastBreaks } from '../trace/lines.js';
import type { ServerName, Step } from '../transcripts/steps.js';
import { readTranscript, type Transcript } from '../transcripts/transcript.js';

export type Turn = {
  /** Counts from 0. */
  index: number;
  /** The explanations before it. */
  notes: string[];
  /** '' for an exchange without a name, and on stdio. */
  name: string;
  server: ServerName;
  /** All of them, in order. */
  steps: Step[];
  /** Absent when more comes on a stream that an earlier turn opened. */
  send?: Step & { kind: 'send' | 'write' };
  expect?: Step & { kind: 'expect' };
  records: (Step & { kind: 'record' })[];
  /** Whether the client closes the exchange afterwards, or the server ends it. */
  after: 'close' | 'end' | undefined;
};

export type Story = { transcript: Transcript; turns: Turn[]; closing: string[] };

/** @throws Error with the line at fault */
export function readStory(source: string): Story {
  const reading = readTranscript(source);
  if (reading.kind === 'refused') throw new Error(`line ${reading.line}: ${reading.problem}`);
  const { transcript } = reading;
  const turns: Turn[] = [];
  const servers = new Map<string, ServerName>();
  let printedCount = 0;
  const notesBefore = (line: number): string[] => {
    const due = transcript.notes.slice(printedCount).filter((note) => note.line < line);
    printedCount += due.length;
    return paragraphs(due.map(({ text }) => text));
  };
  const begin = (step: Step, line: number): Turn => {
    const server = servers.get(step.name) ?? transcript.server;
    const turn: Turn = {
      ...{ index: turns.length, notes: notesBefore(line), name: step.name, server },
      ...{ steps: [], records: [], after: undefined },
    };
    turns.push(turn);
    return turn;
  };
  for (const [at, step] of transcript.steps.entries()) {
    const last = turns.at(-1);
    if (step.kind === 'send' || step.kind === 'write') {
      if (step.kind === 'send') servers.set(step.name, step.on ?? transcript.server);
      const next = transcript.steps[at + 1];
      const hasAnswer = next?.kind === 'expect' && next.name === step.name;
      begin(step, hasAnswer ? next.line : step.line).send = step;
    } else if (step.kind === 'expect') {
      const waits = last !== undefined && last.expect === undefined && last.name === step.name;
      (waits ? last : begin(step, step.line)).expect = step;
    } else if (step.kind === 'record') last?.records.push(step);
    else (last?.name === step.name ? last : begin(step, step.line)).after = step.kind;
    turns.at(-1)?.steps.push(step);
  }
  return { transcript, turns, closing: notesBefore(Number.POSITIVE_INFINITY) };
}

/** An empty line of explanation separates paragraphs. */
function paragraphs(lines: readonly string[]): string[] {
  return lines
    .map((line) => (line === '' ? '\n' : line))
    .join(' ')
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** The lines of the request as the transcript writes them, without the marks. */
export function requestText({ send }: Turn): string {
  if (send === undefined) return '';
  if (send.kind === 'write') return send.text;
  const body = send.body === undefined ? [] : ['', ...send.body.map(({ text }) => text)];
  return [...send.head.map(({ text }) => text), ...body].join('\n');
}

/** The transcript with another request in one of its turns. */
export function withRequest(source: string, { send }: Turn, text: string): string {
  if (send === undefined) return source;
  const lines = source.split(/\r?\n/);
  const numbers = lineNumbers(send);
  const first = Math.min(...numbers) - 1;
  const last = Math.max(...numbers);
  const whole = text.replaceAll('\r\n', '\n');
  const trimmed = withoutLastBreaks(whole);
  // Without an empty line there is no body, and then a line break at the end is no beginning of one.
  const newLines = (trimmed.includes('\n\n') ? whole : trimmed).split('\n');
  // A space at the end of a line may be what it is about.
  const markedLines = newLines.map((line) => (line === '' ? '>' : `> ${line}`));
  return [...lines.slice(0, first), ...markedLines, ...lines.slice(last)].join('\n');
}

/** The line of the transcript in which the request begins, counted from 1. */
export function firstLineOf({ send }: Turn): number {
  return send === undefined ? 1 : Math.min(...lineNumbers(send));
}

function lineNumbers(send: NonNullable<Turn['send']>): number[] {
  return send.kind === 'write' ? [send.line] : [...send.head, ...(send.body ?? [])].map(({ line }) => line);
}

/** Formats chapters, transcripts, decisions and mistakes as lines to print. */
import type { Chapter } from '../lesson/chapters.js';
import { type Look, type Paint, wrapProse } from '../lesson/look.js';
import type { Mistake } from '../lesson/player/play.js';
import { escaped, withoutSecrets } from '../lesson/player/visible.js';
import type { Transcript } from '../lesson/transcripts/transcript.js';
import { isRecord, type JsonObject } from '../wire/value.js';

const MAX_VALUE = 1000;
const NOTES_ONCE = 'The notes beside the wire explain each part where the chapter first shows it.';

/** `1. One request` without its number. */
export function titleOf({ title }: Chapter): string {
  return title.replace(/^(chapter )?\d+[:.]? +/i, '');
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function chapterLines(chapter: Chapter, { width, paint }: Look): string[] {
  const prose = wrapProse(chapter.summary, width);
  return [
    '',
    paint('title', `Chapter ${chapter.number}: ${titleOf(chapter)}`),
    ...(prose.length === 0 ? [] : ['', ...prose]),
    '',
    paint('quiet', `The page with diagrams: spec-fixtures/${chapter.name}/README.md`),
    ...(chapter.files.length === 0 ? [] : [paint('quiet', NOTES_ONCE)]),
  ];
}

export function transcriptLines(
  { clauses, server, transport }: Transcript,
  file: string,
  { width, paint }: Look,
): string[] {
  const where = transport === 'stdio' ? `${server} on stdio` : server;
  const ids = clauses.length === 0 ? 'not in any MCP document' : `clauses: ${clauses.join(' ')}`;
  return [`${file}, server: ${where}`, ...wrapProse(ids, width)].map((line) => paint('quiet', line));
}

/** Joins neighboring explanations into a paragraph. */
export function noteLines(notes: readonly string[], { width }: Look): string[] {
  const prose = wrapProse(notes.join(' '), width, '  ');
  return prose.length === 0 ? [] : ['', ...prose];
}

/** What was decided about an exchange, from its audit records: one line for the decision, one for the records. */
export function decisionLines(records: readonly unknown[]): string[] {
  const objects = records.filter(isRecord);
  const decision = objects.find((record) => isRecord(record.decision));
  const lines = decision === undefined ? [] : [`decided: ${decisionOf(decision)}`];
  const kinds = objects.map(recordOf).join('; ');
  return kinds === '' ? [] : [...lines, `recorded in the audit log: ${kinds}`];
}

function decisionOf({ decision, scopes, tool, method }: JsonObject): string {
  if (!isRecord(decision)) return '';
  const { allow, reason, policy, id, enforced } = decision;
  const about = textOf(tool) ?? textOf(method);
  const { needed, held } = isRecord(scopes) ? scopes : {};
  // A malformed call was refused before its scopes were checked.
  const scoped = Array.isArray(needed) && needed.length > 0;
  const details = [
    policy === undefined ? undefined : `policy ${String(policy)}`,
    id === undefined ? undefined : `decision ${String(id)}`,
    enforced === false ? 'not enforced' : undefined,
    scoped ? listed('needs', needed) : undefined,
    scoped && allow !== true ? listed('holds', held) : undefined,
  ].filter((part) => part !== undefined);
  const verdict = allow === true ? 'allowed' : 'refused';
  const why = [undefined, '', 'ok'].includes(textOf(reason)) ? '' : `, ${String(reason)}`;
  const what = about === undefined ? '' : `${about} `;
  return `${what}${verdict}${why}${details.length === 0 ? '' : ` (${details.join('; ')})`}`;
}

/** A record of kind `log` is about the log itself; its notice says what happened. */
function recordOf({ kind, outcome, status, durationMs, approvalId, notice, principal }: JsonObject): string {
  const who = isRecord(principal) ? textOf(principal.user) : undefined;
  const end = outcome === kind ? undefined : textOf(outcome);
  return [
    `${String(kind)}${end === undefined ? '' : ` ${end}`}`,
    status === undefined ? undefined : `status ${String(status)}`,
    typeof durationMs === 'number' ? `in ${Number(durationMs.toFixed(1))} ms` : undefined,
    approvalId === undefined ? undefined : `approval ${String(approvalId)}`,
    isRecord(notice) ? textOf(notice.what) : undefined,
    who === undefined ? undefined : `for ${who}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function listed(name: string, value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return `${name} ${value.length === 0 ? 'no scope' : value.join(' ')}`;
}

/** `source` holds the lines of the transcript. */
export function mistakeLines(
  file: string,
  source: readonly string[],
  mistakes: readonly Mistake[],
  paint: Paint,
): string[] {
  return mistakes.flatMap((mistake) => {
    const { line } = mistake;
    const place = line === 0 ? file : `${file}:${line}`;
    const quoted = line === 0 ? [] : [`  ${line} | ${cutValue(source[line - 1] ?? '')}`];
    if ('problem' in mistake) return ['', paint('wrong', `${place} ${mistake.problem}`), ...quoted];
    const { where, expected, received } = mistake;
    return [
      '',
      paint('wrong', `${place} ${where} is not as written`),
      ...quoted,
      paint('wrong', `  - expected  ${cutValue(expected)}`),
      paint('good', `  + received  ${cutValue(received)}`),
    ];
  });
}

function cutValue(text: string): string {
  const value = escaped(withoutSecrets(text));
  return value.length <= MAX_VALUE ? value : `${value.slice(0, MAX_VALUE)}…`;
}

/** Prints a check for a person, line by line as it goes on. */
import type { Look, Paint } from '../../lesson/look.js';
import type { Mistake } from '../../lesson/player/play.js';
import { escaped } from '../../lesson/player/visible.js';
import type { JsonObject } from '../../wire/value.js';
import { shorten } from '../../wire/value.js';
import type { Discovery } from './discover.js';
import { countOf, type Failure, type Finding, type Report, type Result } from './report.js';
import type { StageName } from './transcripts.js';

const MAX_LINES = 40;
const WIDTH = 110;
const MAX_TEXT = 400;

/** What others wrote, safe for one line of a terminal. */
const safe = (text: string, max = MAX_TEXT) => escaped(shorten(text, max));

export class TextReport {
  #stage: StageName | undefined;

  constructor(
    readonly print: (line: string) => void,
    readonly look: Look,
    /** Also lists what passed and what does not apply. */
    readonly verbose: boolean,
  ) {}

  discovered({ offers, revisions, challenge }: Discovery, tool: Report['tool']): void {
    const row = (name: string, text: string) => this.print(`${name.padEnd(13)}${safe(text)}`);
    const server = offers.map((offer) => offer.server).find(({ name }) => name !== undefined);
    row('server', server === undefined ? 'does not say its name' : `${server.name} ${server.version ?? ''}`);
    row('revisions', revisions.length === 0 ? 'unknown' : revisions.join(', '));
    for (const { era, capabilities } of offers)
      row(era, Object.keys(capabilities).join(', ') || 'no capabilities');
    row('tool', 'none' in tool ? `none is called: ${tool.none}` : `${tool.name} ${compact(tool.arguments)}`);
    row('token', challenge === undefined ? 'not asked for' : 'asked for');
  }

  finished(result: Result): void {
    const { paint } = this.look;
    if (result.kind === 'skipped' && !this.verbose) return;
    if (result.stage !== this.#stage) this.print(`\n${paint('title', result.stage)}`);
    this.#stage = result.stage;
    const title = safe(result.era === 'legacy' ? `${result.title} (legacy)` : result.title);
    if (result.kind === 'passed') this.print(`  ${paint('good', '✓')} ${title}`);
    else if (result.kind === 'skipped') {
      this.print(`  ${paint('quiet', `– ${title} (${safe(result.reason)})`)}`);
    } else {
      const { failure } = result;
      const mark = failure.severity === 'error' ? paint('wrong', '✗') : paint('decided', '!');
      this.print(`  ${mark} ${title}`);
      this.#failure(failure, result.file);
    }
  }

  #failure(failure: Failure, file: string): void {
    const { paint } = this.look;
    const line = (text: string) => this.print(`      ${text}`);
    for (const { id, level, summary, url, implied } of failure.clauses) {
      const word = implied ? `${level}, by implication` : level;
      line(`${paint('title', word)}: ${summary}`);
      line(paint('quiet', `${id}  ${url}`));
    }
    for (const mistake of failure.differences) line(differenceOf(mistake, paint));
    if (failure.moreDifferences !== undefined) line(`… ${failure.moreDifferences} more differences`);
    this.#block('sent', failure.sent);
    this.#block('received', failure.received);
    this.#block('expected', inWords(failure.expected));
    if (failure.curl !== undefined) line(`${paint('quiet', 'again')}     ${escaped(failure.curl)}`);
    line(paint('quiet', `alone     --only ${file}`));
    this.print('');
  }

  #block(name: string, text: string): void {
    const { paint } = this.look;
    const lines = text.trimEnd().split('\n');
    for (const [at, one] of lines.slice(0, MAX_LINES).entries())
      this.print(`      ${paint('quiet', (at === 0 ? name : '').padEnd(9))} ${safe(one)}`);
    if (lines.length > MAX_LINES) this.print(`${' '.repeat(16)}… ${lines.length - MAX_LINES} more lines`);
  }

  ended(report: Report): void {
    const { paint } = this.look;
    if (report.findings.length > 0) this.print(`\n${paint('title', 'in all of this traffic')}`);
    for (const finding of report.findings) this.#finding(finding);
    const { passed, errors, warnings, skipped } = countOf(report);
    const counts = [
      paint('good', `${passed} passed`),
      errors > 0 ? paint('wrong', `${errors} violated MUST`) : '0 violated MUST',
      warnings > 0 ? paint('decided', `${warnings} violated SHOULD`) : '0 violated SHOULD',
      `${skipped} not applicable`,
    ];
    this.print(`\n${counts.join(', ')}`);
    if (skipped > 0 && !this.verbose)
      this.print(paint('quiet', '--verbose lists what was not applicable, and why'));
    this.print(
      paint(
        'quiet',
        `${report.unobservable} requirements cannot be observed from outside; --requirements lists them`,
      ),
    );
  }

  #finding({ severity, clause, where, expected, received, during, times }: Finding): void {
    const { paint } = this.look;
    this.print(`  ${severity === 'error' ? paint('wrong', '✗') : paint('decided', '!')} ${clause.summary}`);
    this.print(`      ${paint('title', clause.level)}  ${paint('quiet', `${clause.id}  ${clause.url}`)}`);
    this.print(`      ${safe(where)}: expected ${safe(expected)}, received ${safe(received, 300)}`);
    this.print(paint('quiet', `      first in ${safe(during)}${times > 1 ? `, ${times} times in all` : ''}`));
  }
}

const compact = (value: JsonObject) => shorten(JSON.stringify(value), WIDTH);

export function differenceOf(mistake: Mistake, paint: Paint): string {
  if ('problem' in mistake) return paint('wrong', safe(mistake.problem));
  const { where, expected, received } = mistake;
  return `${safe(where)}: expected ${paint('good', safe(inWords(expected), 300))}, received ${paint('wrong', safe(received, 300))}`;
}

/** What a transcript expects, with words for its wildcards. */
function inWords(text: string): string {
  return text
    .replaceAll('"{{rest}}":"{{any}}"', '…')
    .replaceAll('"{{rest}}"', '…')
    .replaceAll('{{json-or-sse}}', 'application/json or text/event-stream')
    .replace(/"\{\{(string|integer)\}\}"/g, '‹$1›')
    .replace(/"?\{\{([^{}"]{3,200})\}\}"?/g, (all, words: string) =>
      words.includes('|') ? words.split('|').join(' or ') : all,
    )
    .replaceAll('{{or}}', 'or')
    .replaceAll('{{any}}', '…');
}

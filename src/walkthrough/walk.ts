/** Plays chapters, one transcript after the other, printing as it goes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Theatre } from '../app/theatre/theatre.js';
import { type Chapter, readChapters, taskIn } from '../lesson/chapters.js';
import { FIXTURES } from '../lesson/files.js';
import { wrapProse } from '../lesson/look.js';
import { type Mistake, play } from '../lesson/player/play.js';
import { readTranscript } from '../lesson/transcripts/transcript.js';
import { chaptersFor, coreOf, listLines, placeOf, refOf } from './list.js';
import { Narrator, type Telling } from './narrator.js';
import type { Walk } from './options.js';
import { chapterLines, mistakeLines, titleOf } from './print.js';
import type { ProgressFile } from './progress.js';

/** What is played of a chapter, and where it begins. */
type Part = { chapter: Chapter; files: string[]; from: number };

export class Tour {
  readonly #chapters = readChapters(FIXTURES);
  #started = false;

  constructor(
    readonly theatre: Theatre,
    readonly telling: Telling,
    readonly progress: ProgressFile,
  ) {}

  list(): void {
    const { print, look } = this.telling;
    for (const line of listLines(this.#chapters, this.progress.progress, look)) print(line);
  }

  /** Lists the chapters and goes on where the reader stopped, or says how to if nobody can press Enter. */
  async resume(): Promise<boolean> {
    const { pause } = this.telling;
    this.list();
    const place = placeOf(this.#chapters, this.progress.progress);
    if (place === undefined) {
      this.#say(
        'You have seen every chapter. --chapter N plays one again, and --restart forgets how far you are.',
      );
      return true;
    }
    const { chapter, at } = place;
    const { number } = chapter;
    const title = this.#titleIn(coreOf(chapter)[at] ?? '');
    const hasBegun = this.progress.progress.seen.length > 0;
    const where = `chapter ${number}: ${titleOf(chapter)}${hasBegun ? `, at "${title}"` : ''}`;
    if (pause === undefined) {
      this.#say(
        `On a terminal, this would go on with ${where}. "npm run walkthrough -- --chapter ${refOf(chapter, this.#chapters)}" plays one chapter, "-- --all" plays everything, and "-- --help" lists the flags.`,
      );
      return true;
    }
    this.#say(`${hasBegun ? 'You stopped in' : 'The lesson begins with'} ${where}.`);
    await pause(hasBegun ? 'Enter resumes' : 'Enter begins');
    const rest = this.#chapters.slice(this.#chapters.indexOf(chapter));
    return this.#play(
      rest.map((one) => ({ chapter: one, files: coreOf(one), from: one === chapter ? at : 0 })),
    );
  }

  /** Returns whether everything came back as written. */
  async walk({ chapter, only, edge }: Walk): Promise<boolean> {
    const chosenChapters = chapter === undefined ? this.#chapters : chaptersFor(chapter, this.#chapters);
    const parts = chosenChapters
      .map((one) => ({ chapter: one, files: edge ? one.files : coreOf(one), from: 0 }))
      .map((part) => ({
        ...part,
        files: part.files.filter((file) => only === undefined || file.includes(only)),
      }))
      // Some chapters have a page and an exercise but no transcripts.
      .filter(({ files }) => files.length > 0 || only === undefined);
    if (parts.length > 0) return this.#play(parts);
    this.telling.print('there is no such transcript; --list shows the chapters');
    return false;
  }

  async #play(parts: readonly Part[]): Promise<boolean> {
    const { print, look, pause } = this.telling;
    const failedFiles: string[] = [];
    let playedCount = 0;
    for (const [index, { chapter, files, from }] of parts.entries()) {
      if (index > 0) await pause?.(`Enter goes on with chapter ${chapter.number}`);
      for (const line of chapterLines(chapter, look)) print(line);
      this.telling.look.shownNotes = new Set();
      for (const [at, file] of files.entries()) {
        if (at < from) continue;
        if (at > from) await pause?.('Enter goes on');
        const place = `chapter ${chapter.number} · ${at + 1} of ${files.length}`;
        playedCount += 1;
        if (!(await this.#playFile(file, place))) failedFiles.push(file);
        else if (pause !== undefined) this.progress.saw(file);
      }
      this.#afterChapter(chapter, files);
    }
    if (playedCount === 0) return true;
    const count = playedCount === 1 ? '1 transcript' : `${playedCount} transcripts`;
    if (failedFiles.length > 0)
      print(
        `\n${failedFiles.length} of ${count} did not come back as written:\n  ${failedFiles.join('\n  ')}`,
      );
    else if (pause === undefined) print(`\n${count}: everything came back as written.`);
    return failedFiles.length === 0;
  }

  #afterChapter(chapter: Chapter, files: readonly string[]): void {
    const { name, exercise } = chapter;
    const ref = refOf(chapter, this.#chapters);
    // A search by words ends in the middle of a chapter.
    if (coreOf(chapter).some((file) => !files.includes(file))) return;
    const remaining = chapter.files.length - files.length;
    if (remaining > 0) {
      const many =
        remaining === 1
          ? '1 more transcript shows an edge case:'
          : `${remaining} more transcripts show edge cases:`;
      this.#say(many, `npm run walkthrough -- --chapter ${ref} --edge`);
    }
    if (exercise === undefined) return;
    if (this.progress.progress.solved.includes(name)) {
      this.#say('You have solved the exercise of this chapter.');
      return;
    }
    this.#say(`Your turn. ${taskIn(chapter.page)}`);
    this.#say(
      'Write it in an editor, in place of each TODO(…) with its parentheses, in this file:',
      `spec-fixtures/${exercise}`,
    );
    this.#say('Then check it:', `npm run walkthrough -- --check ${ref}`);
  }

  /** A paragraph, and perhaps something to copy, which is never wrapped. */
  #say(text: string, toCopy?: string): void {
    const { print, look } = this.telling;
    for (const line of ['', ...wrapProse(text, look.width)]) print(line);
    if (toCopy !== undefined) print(`  ${toCopy}`);
  }

  #titleIn(file: string): string {
    return /^# (.+)$/m.exec(readFileSync(join(FIXTURES, file), 'utf8'))?.[1] ?? file;
  }

  async #playFile(name: string, place: string): Promise<boolean> {
    const { print, look } = this.telling;
    const source = readFileSync(join(FIXTURES, name), 'utf8');
    const file = `spec-fixtures/${name}`;
    const reading = readTranscript(source);
    let mistakes: readonly Mistake[];
    if (reading.kind === 'refused') mistakes = [reading];
    else {
      if (!this.#started) print(look.paint('quiet', '\nStarting the servers …'));
      this.#started = true;
      const { transcript } = reading;
      const stage = await this.theatre.stageFor(transcript, source);
      // What a server says while it starts belongs to no exchange.
      this.telling.takeServerOutput();
      const narrator = new Narrator(transcript, source, { place, file }, stage, this.telling);
      ({ mistakes } = await play(transcript, stage, undefined, narrator));
      if (mistakes.length === 0) narrator.end();
    }
    for (const line of mistakeLines(file, source.split(/\r?\n/), mistakes, look.paint)) print(line);
    return mistakes.length === 0;
  }
}

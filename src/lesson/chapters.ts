/**
 * Finds the chapters in spec-fixtures/: their order and groups from its README.md, and from the page of each chapter its title, its
 * first paragraph and its core transcripts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Chapter = {
  /** `01-one-request`. */
  name: string;
  number: number;
  /** `1. One request`. */
  title: string;
  /** The first paragraph of its README.md, or ''. */
  summary: string;
  /** The heading above it in the table of chapters, or ''. */
  group: string;
  /** The text of its README.md. */
  page: string;
  /** The transcripts to begin with, in the order in which the page shows them. */
  core: string[];
  /** All transcripts: the core, then the rest. Paths relative to the folder. */
  files: string[];
  exercise: string | undefined;
};

const EXERCISE = 'exercise.wire';

/**
 * Whether a transcript is about the servers of the lesson. An exercise has gaps, which its reader fills in first; those in `check/`
 * are played against the servers of other people.
 */
export function isPlayed(file: string): boolean {
  return file.endsWith('.wire') && !/(^|[\\/])exercise\.wire$/.test(file) && !/^check[\\/]/.test(file);
}

/** In the order of the table; chapters that are not in it come last. */
export function readChapters(folder: string): Chapter[] {
  const places = placesIn(textOf(join(folder, 'README.md')));
  const rank = ({ name }: Chapter): number => places.get(name)?.rank ?? places.size;
  return readdirSync(folder)
    .filter((name) => /^\d{2}-/.test(name))
    .sort()
    .map((name) => readChapter(folder, name, places.get(name)?.group ?? ''))
    .sort((one, other) => rank(one) - rank(other));
}

function readChapter(folder: string, name: string, group: string): Chapter {
  const inside = readdirSync(join(folder, name)).sort();
  const page = textOf(join(folder, name, 'README.md'));
  const transcripts = inside.filter(isPlayed);
  const core = [...new Set(transcriptLinksIn(page).map(({ file }) => file))].filter((file) =>
    transcripts.includes(file),
  );
  return {
    name,
    number: Number(name.slice(0, 2)),
    title: /^# +(.+)$/m.exec(page)?.[1] ?? name.slice(3).replaceAll('-', ' '),
    summary: firstParagraph(page),
    group,
    page,
    core: core.map((file) => `${name}/${file}`),
    files: [...core, ...transcripts.filter((file) => !core.includes(file))].map((file) => `${name}/${file}`),
    exercise: inside.includes(EXERCISE) ? `${name}/${EXERCISE}` : undefined,
  };
}

/** A link to a transcript that stands alone in its paragraph, or two of them side by side. */
export type TranscriptLink = { title: string; file: string };

/** Undefined if the paragraph says anything else. */
export function transcriptLinks(paragraph: string): TranscriptLink[] | undefined {
  const links = paragraph
    .trim()
    .split(' · ')
    .map((part) => /^\[([^\]]+)\]\(([\w-]+\.wire)\)$/.exec(part));
  if (links.length > 2) return undefined;
  const parsedLinks = links.flatMap((link) =>
    link === null ? [] : [{ title: link[1] ?? '', file: link[2] ?? '' }],
  );
  return parsedLinks.length === links.length ? parsedLinks : undefined;
}

/** Of all paragraphs that are nothing else, in their order. */
export function transcriptLinksIn(page: string): TranscriptLink[] {
  return blocksOf(page).flatMap((block) => transcriptLinks(block) ?? []);
}

/** What the page asks its reader to write, without the ways to check it; '' if it asks for nothing. */
export function taskIn(page: string): string {
  const blocks = blocksOf(page);
  const task = blocks[blocks.findIndex((block) => block.trim() === '## Exercise') + 1] ?? '';
  const plain = task.trim().replace(/\s+/g, ' ').replaceAll('`', '');
  const [question = ''] = plain.split(' To check it');
  return question;
}

function placesIn(table: string): Map<string, { rank: number; group: string }> {
  const places = new Map<string, { rank: number; group: string }>();
  let group = '';
  for (const line of table.split(/\r?\n/)) {
    const heading = /^##+ (.+)$/.exec(line)?.[1];
    if (heading !== undefined) group = line.startsWith('###') ? heading : '';
    const name = /^\|.*\]\((\d{2}-[\w-]+)\/README\.md\)/.exec(line)?.[1];
    if (name !== undefined && !places.has(name)) places.set(name, { rank: places.size, group });
  }
  return places;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function blocksOf(markdown: string): string[] {
  return markdown.split(/\r?\n\s*\r?\n/);
}

/** The first block of text that is not a heading, as one line. */
function firstParagraph(markdown: string): string {
  const block = blocksOf(markdown).find((one) => one.trim() !== '' && !/^\s*(#|```|<!--)/.test(one));
  return block?.trim().replace(/\s+/g, ' ') ?? '';
}

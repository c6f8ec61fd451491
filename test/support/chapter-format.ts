/** The format of a chapter's page, as GitHub and /learn read it: core transcripts, excerpts, diagrams, what is known at the end. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.js';

const FIXTURES = join(ROOT, 'spec-fixtures');
const LINK = '\\[([^\\]]+)\\]\\(([\\w-]+\\.wire)\\)';
/** A paragraph that is nothing but one link to a transcript, or two of them side by side. */
const CORE = new RegExp(`^${LINK}(?: · ${LINK})?$`);
const NEXT = /^Next: \[([^\]]+)\]\(\.\.\/([\w-]+)\/README\.md\)$/;

export type CoreExchange = { line: number; files: string[]; excerpt: string | undefined };
export type ChapterPage = {
  title: string;
  lead: string;
  core: CoreExchange[];
  /** The lines of `wire` blocks that are below no core transcript. */
  strayExcerpts: number[];
  diagrams: { line: number; text: string }[];
  headings: string[];
  /** The bullets below "You now know". */
  lessons: number;
  next: { title: string; chapter: string } | undefined;
};
type Piece = { line: number; text: string; language: string | undefined };

export function readChapterPage(markdown: string): ChapterPage {
  const pieces = piecesOf(markdown);
  const [heading, lead] = pieces;
  const core: CoreExchange[] = [];
  const strayExcerpts: number[] = [];
  for (const [index, { line, text, language }] of pieces.entries()) {
    const [, , first, , second] = (language === undefined && CORE.exec(text)) || [];
    if (first !== undefined) {
      const below = pieces[index + 1];
      const excerpt = below?.language === 'wire' ? below.text : undefined;
      core.push({ line, files: second === undefined ? [first] : [first, second], excerpt });
    }
    const above = pieces[index - 1];
    if (language === 'wire' && (above?.language !== undefined || !CORE.test(above?.text ?? '')))
      strayExcerpts.push(line);
  }
  const headings = pieces.flatMap(({ text, language }) =>
    language === undefined && text.startsWith('## ') ? [text.slice(3)] : [],
  );
  const known = pieces[pieces.findIndex(({ text }) => text === '## You now know') + 1]?.text ?? '';
  const [, title, chapter] = NEXT.exec(pieces.at(-1)?.text ?? '') ?? [];
  return {
    title: heading?.text.replace(/^# \d+\. /, '') ?? '',
    lead: lead?.language === undefined ? (lead?.text ?? '') : '',
    core,
    strayExcerpts,
    diagrams: pieces.filter(({ language }) => language === 'mermaid'),
    headings,
    lessons: known.match(/^- /gm)?.length ?? 0,
    next: title === undefined || chapter === undefined ? undefined : { title, chapter },
  };
}

/** Paragraphs, headings and fenced blocks, with the number of their first line. */
function piecesOf(markdown: string): Piece[] {
  const pieces: Piece[] = [];
  let open: Piece | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line);
    if (open?.language !== undefined) {
      if (fence !== null) open = undefined;
      else open.text += `${line}\n`;
    } else if (fence !== null) {
      open = { line: index + 1, text: '', language: fence[1] ?? '' };
      pieces.push(open);
    } else if (line.trim() === '') open = undefined;
    else if (open === undefined) {
      open = { line: index + 1, text: line, language: undefined };
      pieces.push(open);
    } else open.text += `\n${line}`;
  }
  return pieces;
}

/** The first lines of an excerpt that its transcripts do not have in this order; a line `...` stands for lines left out. */
export function foreignLines(excerpt: string, transcripts: string): string | undefined {
  const source = `\n${transcripts}\n`;
  let at = 0;
  for (const lines of excerpt.trimEnd().split('\n...\n')) {
    const found = source.indexOf(`\n${lines}\n`, at);
    if (found === -1) return lines;
    at = found + lines.length + 1;
  }
  return undefined;
}

const MAX_PARTICIPANTS = 5;
const MAX_ROWS = 14;
const MAX_TEXT = 45;
const MESSAGE = /^(\w+)(?:->>|-->>)(\w+): (.+)$/;
const NOTE = /^Note over (\w+)(?:,(\w+))?: (.+)$/;

/** Why /learn cannot draw a diagram. */
export function diagramProblems(text: string): string[] {
  const [kind, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  if (kind !== 'sequenceDiagram') return [`it begins with ${kind}`];
  const names = new Set<string>();
  const problems: string[] = [];
  let rows = 0;
  for (const line of lines) {
    const [, name, label = ''] = /^participant (\w+) as (.+)$/.exec(line) ?? [];
    if (name !== undefined) {
      names.add(name);
      if (label.length > MAX_TEXT) problems.push(`${label}: too long`);
      continue;
    }
    rows += 1;
    const [, from, to, said] = MESSAGE.exec(line) ?? NOTE.exec(line) ?? [];
    if (said === undefined) problems.push(`${line}: neither a message nor a note`);
    else if (said.length > MAX_TEXT || /[;#]/.test(said)) problems.push(`${said}: too long, or has ; or #`);
    for (const one of [from, to])
      if (one !== undefined && !names.has(one)) problems.push(`${line}: no participant ${one}`);
  }
  if (names.size < 2 || names.size > MAX_PARTICIPANTS) problems.push(`${names.size} participants`);
  if (rows > MAX_ROWS) problems.push(`${rows} rows`);
  return problems;
}

/** A row of the table of chapters. */
export type Row = { number: string; title: string; chapter: string };

/** The groups of the table of chapters, in their order. */
export function readTable(): { group: string; rows: Row[] }[] {
  const page = readFileSync(join(FIXTURES, 'README.md'), 'utf8');
  const [, chapters = ''] = /^## Chapters$(.*?)^## /ms.exec(page) ?? [];
  return chapters
    .split(/^### /m)
    .slice(1)
    .map((part) => ({
      group: part.split('\n')[0] ?? '',
      rows: [...part.matchAll(/^\| (\d+) \| \[([^\]]+)\]\(([\w-]+)\/README\.md\) \| \S.* \|$/gm)].map(
        ([, number = '', title = '', chapter = '']) => ({ number, title, chapter }),
      ),
    }));
}

export function readChapterFile(chapter: string, file: string): string | undefined {
  const path = join(FIXTURES, chapter, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

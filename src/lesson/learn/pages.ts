/** The pages of the lesson: the contents, a chapter, a single transcript. The same for a running server and as files. */
import { type Html, html } from '../../pages/html.js';
import { type Chapter, type TranscriptLink, transcriptLinksIn } from '../chapters.js';
import { Notes } from '../pages/annotated.js';
import type { Transcript } from '../transcripts/transcript.js';
import { storyOf } from './course.js';
import { exerciseView } from './exercise-view.js';
import { page, type Site, titleOf } from './layout.js';
import { chapterView, inlineView } from './markdown.js';
import type { PlayedTurn } from './perform.js';
import { aboutTurn } from './turn-lines.js';
import { type TurnPlace, turnView } from './turn-view.js';
import { requestText, type Turn } from './turns.js';

const WORDS_PER_MINUTE = 180;

export function contentsPage(site: Site): string {
  const chapters = site.course.chapters();
  const groups = [...new Set(chapters.map(({ group }) => group))];
  return page(
    site,
    'Learn MCP by speaking it',
    undefined,
    html`<div class="prose"><h1>Learn MCP by speaking it</h1>
<p class="lead">The Model Context Protocol, byte by byte. Each chapter explains a part of it and shows the exchanges. ${
      site.isLive
        ? 'Send each one as it is, or change it first and see what happens.'
        : html`The answers are recorded, those to instructive mistakes too; with <code>npm start</code> you can send your own requests.`
    }</p>
<p class="actions">${chapters[0] && html`<a class="btn go" data-resume href="${site.to(chapters[0].name)}">Begin</a>`}</p></div>
${groups.map(
  (group) =>
    html`<section class="group"><h2>${group}</h2><ol>${chapters
      .filter((one) => one.group === group)
      .map(
        (one) =>
          html`<li data-chapter="${one.name}"><a href="${site.to(one.name)}"><b>${one.title}</b> <span class="done" hidden>✓ solved</span><span class="soft">${inlineView(one.summary)}</span></a></li>`,
      )}</ol></section>`,
)}`,
  );
}

export function chapterPage(base: Site, chapter: Chapter): string {
  const site = { ...base, notes: new Notes('note', base.sourceAt) };
  const { course, isLive, to } = site;
  const chapters = course.chapters();
  const at = chapters.findIndex(({ name }) => name === chapter.name);
  const edges = chapter.files.filter((file) => !chapter.core.includes(file));
  const source = chapter.exercise && course.source(chapter.exercise);
  const [before, next] = [chapters[at - 1], chapters[at + 1]];
  const minutes = Math.max(1, Math.round(chapter.page.split(/\s+/).length / WORDS_PER_MINUTE));
  const body = chapterView(chapter.page, {
    exchange: (links) => exchangeView(site, chapter, links),
    exercise: chapter.exercise && source ? exerciseView(chapter.exercise, source, isLive) : undefined,
    link: (href) => linkTo(site, chapter, href),
  });
  return page(
    site,
    titleOf(chapter),
    chapter,
    html`<div class="prose"><p class="kicker">Chapter ${chapter.number} · ${minutes} minutes</p><h1>${titleOf(chapter)}</h1></div>
${body}
${edges.length > 0 && html`<details class="edges"><summary>Edge cases: ${edges.length} more transcripts</summary><ul>${edges.map((file) => html`<li><a href="${to(file.replace('.wire', ''))}">${storyOf(course, file).transcript.title}</a></li>`)}</ul></details>`}
${meanings(site.notes)}
<nav class="next" aria-label="Chapters before and after">${before ? html`<a href="${to(before.name)}">← ${titleOf(before)}</a>` : html`<span></span>`}${next && html`<a class="btn" href="${to(next.name)}">Next: ${titleOf(next)} →</a>`}</nav>`,
  );
}

export function transcriptPage(base: Site, chapter: Chapter, file: string): string {
  const site = { ...base, notes: new Notes('note', base.sourceAt) };
  const { transcript } = storyOf(site.course, file);
  const title = capital(transcript.title);
  return page(
    site,
    title,
    chapter,
    html`<div class="prose"><p class="kicker"><a href="${site.to(chapter.name)}">${chapter.title}</a></p><h1>${title}</h1></div>
<h2 class="heard">The exchanges</h2>
${storyView(site, file)}
${meanings(site.notes)}`,
  );
}

/** One transcript, or two in columns: the same story in both eras. */
function exchangeView(site: Site, chapter: Chapter, links: readonly TranscriptLink[]): Html {
  const [one, other] = links.map(({ file }) => storyView(site, `${chapter.name}/${file}`));
  return other === undefined
    ? html`${one}`
    : html`<div class="eras"><div>${one}</div><div>${other}</div></div>`;
}

/** All turns of a transcript, with its explanations between them. */
function storyView(site: Site, file: string): Html {
  const { transcript, turns, closing } = storyOf(site.course, file);
  const playedTurns = site.playedTurns?.(file);
  const heading = turns.length > 1 && html`<h3 class="story-title">${titleIn(site, file, transcript)}</h3>`;
  return html`<div class="story-of" data-story="${file}">${heading}${turns.map((turn) => {
    const real = playedTurns?.find((one) => one.turn.index === turn.index);
    return html`${turn.notes.map(explanation)}${turnView(placeOf(site, file, transcript, turn), turn, real)}`;
  })}${closing.map(explanation)}</div>`;
}

/** Evaluated last, when all exchanges of the page have been written. */
function meanings(notes: Notes): Html {
  return html`<details class="meanings"><summary>What each part means</summary>${notes.list}</details>`;
}

function explanation(text: string): Html {
  return html`<p class="prose explains">${text}</p>`;
}

/** A turn that a reader has just sent. */
export function turnOf(site: Site, file: string, playedTurn: PlayedTurn): Html {
  const { transcript, turns } = storyOf(site.course, file);
  const original = turns[playedTurn.turn.index];
  const place = placeOf(site, file, transcript, playedTurn.turn);
  return turnView({ ...place, request: original && requestText(original) }, playedTurn.turn, playedTurn);
}

function placeOf(site: Site, file: string, transcript: Transcript, turn: Turn): TurnPlace {
  const { isLive, traceOf, notes, sourceAt } = site;
  const { turns } = storyOf(site.course, file);
  return {
    file,
    // A story of several turns has its title above them.
    title: turns.length > 1 ? `${turn.index + 1}. ${aboutTurn(turn)}` : titleIn(site, file, transcript),
    isStdio: transcript.transport === 'stdio',
    isLive,
    traceOf,
    saveAt: site.to(file),
    notes,
    sourceAt,
    whatIfs: site.whatIfs?.(file),
  };
}

/** The page of a chapter may give a transcript a shorter title. */
function titleIn({ course }: Site, file: string, { title }: Transcript): string {
  const [chapter = '', name] = file.split('/');
  const page = course.chapter(chapter)?.page ?? '';
  return transcriptLinksIn(page).find((link) => link.file === name)?.title ?? capital(title);
}

function linkTo(site: Site, chapter: Chapter, href: string): string | undefined {
  const [, other] = /^\.\.\/(\d{2}-[\w-]+)\/(?:README\.md)?$/.exec(href) ?? [];
  if (other !== undefined) return site.to(other);
  const [, name, transcript] = /^(?:\.\.\/(\d{2}-[\w-]+)\/)?([\w-]+)\.wire$/.exec(href) ?? [];
  return transcript === undefined ? undefined : site.to(`${name ?? chapter.name}/${transcript}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What all pages of the lesson share: the bar, the list of the chapters, the script and the style. */
import { bar, type Links } from '../../pages/bar.js';
import { type Html, html, htmlDocument } from '../../pages/html.js';
import type { Chapter } from '../chapters.js';
import type { Notes, SourceAt } from '../pages/annotated.js';
import type { Course } from './course.js';
import type { PlayedTurn } from './perform.js';

export type Site = {
  course: Course;
  links: Links;
  /** Whether a reader can send requests. */
  isLive: boolean;
  /** The address of a page: '' is the contents, then `chapter` and `chapter/transcript`. */
  to(page: string): string;
  /** Where the trace shows an exchange, by its number. */
  traceOf?(number: number): string;
  /** Where a line of the source is published. */
  sourceAt?: SourceAt | undefined;
  /** The notes of the page that is being written. */
  notes?: Notes;
  /** What came back when a transcript was played, if that is known. */
  playedTurns?(file: string): readonly PlayedTurn[] | undefined;
  /** The instructive mistakes whose answers are recorded, by their ids. Where a reader can send requests, all can be tried. */
  whatIfs?(file: string): ReadonlySet<string>;
};

export function page(site: Site, title: string, current: Chapter | undefined, body: Html): string {
  const { links, isLive, to } = site;
  const base = isLive ? to('') : to('').replace(/\/?index\.html$/, '');
  const live = isLive && html`<span class="live">live</span>`;
  return htmlDocument(
    `${title} · barewire`,
    to('style.css'),
    html`<script type="module" src="${to('script.js')}" data-base="${base}"${!isLive && html` data-recorded`}></script>`,
    html`${bar('learn', { ...links, learn: to('') }, live || undefined)}
<div class="page">
${menu(site, current)}
<main id="main" tabindex="-1"><a class="to-chapters" href="#chapters">Chapters</a>
${body}
<p class="heard" id="said" role="status"></p></main></div>`,
  );
}

function menu({ course, to }: Site, current: Chapter | undefined): Html {
  const chapters = course.chapters();
  const groups = [...new Set(chapters.map(({ group }) => group))];
  return html`<nav class="chapters" id="chapters" aria-label="Chapters">${groups.map(
    (group) =>
      html`<p>${group}</p><ol>${chapters
        .filter((one) => one.group === group)
        .map(
          (one) =>
            html`<li data-chapter="${one.name}"><a href="${to(one.name)}"${one.name === current?.name && html` aria-current="page"`}><span>${one.number}</span>${titleOf(one)}<span class="done" hidden>✓</span></a></li>`,
        )}</ol>`,
  )}</nav>`;
}

export function titleOf({ title }: Chapter): string {
  return title.replace(/^\d+\. /, '');
}

/** What all pages share. Each begins by saying that this server is for development. */
import { type Html, html, htmlDocument } from '../../../pages/html.js';

export function page(title: string, body: Html): string {
  return htmlDocument(
    `${title} - barewire development sign-in`,
    '/style.css',
    undefined,
    html`<p class="dev" role="note"><strong>For development only.</strong> Made-up people, known passwords. Type no real password here.</p>
<main>
<h1>${title}</h1>
${body}
</main>`,
  );
}

/** A screen reader reads it out at once. */
export function alert(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p class="box bad" role="alert">${text}</p>`;
}

export function notice(title: string, ...paragraphs: string[]): string {
  return page(title, html`${paragraphs.map((text) => html`<p>${text}</p>`)}`);
}

/** A notice that something went wrong. */
export function refusal(title: string, problem: string, ...paragraphs: string[]): string {
  return page(title, html`${alert(problem)}${paragraphs.map((text) => html`<p>${text}</p>`)}`);
}

export function hidden(fields: { [name: string]: string }): Html {
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`${inputs}`;
}

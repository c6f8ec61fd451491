/** What a reader can try with a request: edit it, or make an instructive mistake and guess the answer. */
import { type Html, html } from '../../pages/html.js';
import { GUESSES, type WhatIf } from './what-if.js';

/** Mistakes to choose from at first. */
const MAX_CHIPS = 6;

export function editor(request: string): Html {
  return html`<form class="editor" data-editor hidden>
<label>The request, as a transcript writes it
<textarea name="request" rows="${Math.min(request.split('\n').length + 1, 20)}" spellcheck="false" autocapitalize="off">${'\n'}${request}</textarea></label>
<p class="soft">Host, Authorization and Content-Length are filled in unless you write them; <code>Authorization: {{absent}}</code> leaves one out.</p>
<p><button class="btn go">Send this</button> <button type="reset" class="btn">Back to the transcript</button></p>
</form>`;
}

export function whatIfView(whatIfs: readonly WhatIf[]): Html {
  const chips = whatIfs.map(
    ({ id, label }, at) =>
      html`<button type="button" class="chip" data-what-if="${id}" aria-pressed="false"${at >= MAX_CHIPS && html` hidden`}>${label}</button>`,
  );
  const rest = whatIfs.length - MAX_CHIPS;
  return html`<div class="whatif" hidden><span class="soft">What if you …</span>${chips}${
    rest > 0 && html`<button type="button" class="chip more" data-more>${rest} more</button>`
  }
<div class="guess" data-guess hidden><span>Guess the status:</span>${GUESSES.map(
    ([status, name]) =>
      html`<button type="button" class="chip" data-status="${status}" title="${name}">${status}</button>`,
  )}</div></div>`;
}

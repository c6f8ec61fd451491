/** An exercise: a transcript with gaps to fill in, and what was found out about them. */
import { type Html, html } from '../../pages/html.js';
import { visible } from '../../pages/visible.js';
import { type ExerciseResult, gapsIn, type Verdict } from '../exercises.js';
import type { Mistake } from '../player/play.js';

const WORDS: { [Name in Verdict]: string } = {
  right: '✓ right',
  wrong: '✗ not yet',
  open: '– still open',
  unchecked: '– not checked, because something before it is wrong or open',
};
const GAP = /\bTODO(?:\([^)]*\))?/g;
/** What a gap may ask for and nobody computes by hand; the script of the page does. */
const ENCODINGS = [
  { name: 's256', asks: /\bS256\b/, label: 'The S256 hash of' },
  { name: 'base64', asks: /\bBase64 of\b/, label: 'The Base64 of' },
];
/** Characters of a gap. */
const [MIN_SIZE, MAX_SIZE] = [12, 60];

/** `values`: what the reader has filled in; `result`: how the gaps were graded. */
export function exerciseView(
  file: string,
  source: string,
  isLive: boolean,
  values: readonly string[] = [],
  result?: ExerciseResult,
): Html {
  const gaps = gapsIn(source);
  let index = 0;
  const line = (text: string): Html => {
    const mark = text[0] ?? '';
    const name = mark === '>' ? 'sent' : mark === '<' ? 'came' : 'aside';
    if (mark === '#') return html``;
    if (!/^[<>=]/.test(text)) return html`<span class="line ${name}">${visible(text.slice(2))}${'\n'}</span>`;
    const parts = text.split(GAP).flatMap((part, at) => {
      if (at === 0) return [html`${visible(part)}`];
      const gap = gaps[index];
      const value = values[index] ?? '';
      index += 1;
      const size = Math.min(Math.max((gap?.task.length ?? 0) + 2, MIN_SIZE), MAX_SIZE);
      return [
        html`<input class="gap" name="gap" value="${value}" size="${size}" placeholder="${gap?.task}" aria-label="${gap?.task}" autocomplete="off" autocapitalize="off" spellcheck="false">`,
        html`${visible(part)}`,
      ];
    });
    return html`<span class="line ${name}">${parts}${'\n'}</span>`;
  };
  const lines = source.trimEnd().split(/\r?\n/).map(line);
  return html`<form class="exercise" data-exercise="${file}" data-solved="${result?.solved === true ? 'yes' : 'no'}">
${isLive && html`<p class="actions soft" hidden>Fill in the gaps here and press Check. You need no file and no terminal for that.</p>`}
<pre class="bytes">${lines}</pre>
${ENCODINGS.filter(({ asks }) => gaps.some(({ task, hint = '' }) => asks.test(`${task} ${hint}`))).map(encoderView)}
${result && resultView(result)}
<ol class="gaps">${gaps.map((gap, at) => {
    const verdict = result?.grades[at]?.verdict;
    return html`<li class="${verdict}">${gap.task}${verdict && html` <b>${WORDS[verdict]}</b>`}${
      gap.hint && html`<details><summary>Hint</summary>${gap.hint}</details>`
    }</li>`;
  })}</ol>
${
  isLive
    ? html`<p class="actions" hidden><button class="btn go" data-check>Check</button></p>`
    : html`<p class="soft">With <code>npm start</code>, this page plays your solution against a server.</p>`
}
</form>`;
}

function encoderView({ name, label }: (typeof ENCODINGS)[number]): Html {
  return html`<p class="encoder actions" hidden><label>${label} <input data-encode="${name}" placeholder="a text" size="52" autocomplete="off" autocapitalize="off" spellcheck="false"></label> <output aria-label="The result"></output></p>`;
}

function resultView({ solved, mistakes }: ExerciseResult): Html {
  if (solved)
    return html`<p class="verdict good" role="status">Solved. Everything came back as you wrote.</p>`;
  return html`<div class="verdict bad" role="status"><p>Not yet.</p>${differenceList(mistakes)}</div>`;
}

/** What was expected and what came, place by place. */
export function differenceList(mistakes: readonly Mistake[]): Html {
  return html`<ul class="differences">${mistakes.map((mistake) =>
    'problem' in mistake
      ? html`<li>${visible(mistake.problem)}</li>`
      : html`<li><b>${visible(mistake.where)}</b> <del>${visible(mistake.expected)}</del> <ins>${visible(mistake.received)}</ins></li>`,
  )}</ul>`;
}

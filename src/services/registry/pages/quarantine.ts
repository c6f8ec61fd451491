/**
 * Changes that nobody has accepted: before, after, and the form that accepts exactly that. What is longer
 * than the page shows is in the server's JSON, and is accepted too.
 */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { Difference } from '../diff.js';
import type { ServerPageView } from '../page-view.js';
import type { ToolView } from '../view.js';
import { hasPath, serverPath, toolAnchor, toolPath } from './address.js';
import { actionForm, excerpt, MAX_TEXT, reasonField, trimSchema } from './parts.js';

const MAX_ROWS = 100;
const MAX_POINTER = 300;
/** A changed part is shown up to this length, which is the longest description. */
const MAX_CHANGED = 16_384;
/** How much of the unchanged text is shown around a change in a long text. */
const MAX_AROUND = 1_000;
/** Longer texts are not compared word by word. */
const MAX_COMPARED = 64 * 1024;

export function identityQuarantine(view: ServerPageView): Html | undefined {
  const { name, identity, manifest } = view.server;
  if (identity === undefined || manifest === undefined) return undefined;
  return html`<section class="panel held" aria-labelledby="held">
<h2 id="held">In quarantine: its identity changed</h2>
<p>The manifest names another owner, address or issuer than the accepted ones. Do not use this server until somebody accepts them: calls and tokens would go elsewhere.</p>
${differenceTable(identity.changes, 'What the manifest says about the server')}
${acceptForm(view, 'accept', visible(name), manifest.digest)}
</section>`;
}

export function guidanceQuarantine(view: ServerPageView): Html | undefined {
  const { name, guidance } = view.server;
  if (guidance === undefined) return undefined;
  const changes = guidance.changes.map(({ item, before, after }) => ({
    pointer: item,
    ...(before === null ? {} : { before }),
    after,
  }));
  return html`<section class="panel held" aria-labelledby="held-guidance">
<h2 id="held-guidance">In quarantine: its guidance for models changed</h2>
<p>Its instructions, prompts or resources differ from the accepted ones, or hide something. A model reads them as they are, so do not use this server until somebody accepts them.</p>
${differenceTable(changes, 'Guidance for models')}
${acceptForm(view, 'accept-guidance', html`the guidance of ${visible(name)}`, guidance.digest)}
</section>`;
}

export function toolQuarantine(view: ServerPageView, tool: ToolView): Html | undefined {
  const { name, state, digest, accepted, changes = [] } = tool;
  if (state !== 'quarantined') return undefined;
  const isNew = accepted === null || accepted === undefined;
  return html`<div class="held">
<h4>In quarantine</h4>
<p>${isNew ? 'Nobody has accepted this tool yet.' : 'This tool differs from the accepted one.'} Do not call it until somebody accepts it.</p>
${changes.length > 0 && differenceTable(changes, isNew ? 'What is new' : 'What has changed')}
${hasPath(name) && acceptForm(view, `${toolAnchor(name)}:accept`, visible(name), digest, name)}
</div>`;
}

/** With the digest that this page shows, a later change is not accepted by accident. */
function acceptForm(
  { server, visitor }: ServerPageView,
  id: string,
  subject: Html,
  digest: string,
  tool?: string,
): Html | undefined {
  const { name, address } = server;
  const path = tool === undefined ? serverPath(name) : toolPath(name, tool);
  const hiddenFields = { address, ...(tool === undefined ? {} : { tool }), digest };
  return (
    visitor &&
    actionForm(
      { csrf: visitor.csrf, action: `${path}/accept`, inputs: hiddenFields },
      html`${reasonField(`${id}-reason`)}
<button class="btn go">Accept ${subject} as it is now</button>`,
    )
  );
}

function differenceTable(changes: readonly Difference[], caption: string): Html {
  const more = changes.length - MAX_ROWS;
  const rows = changes.slice(0, MAX_ROWS).map(
    ({ pointer, before, after }) => html`<tr>
<th scope="row"><code>${excerpt(pointer.replace(/^\//, '') || 'everything', MAX_POINTER)}</code></th>
<td data-side="Before">${side(before, after)}</td>
<td data-side="Now">${side(after, before)}</td>
</tr>`,
  );
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}">
<table class="difference">
<caption>${caption}</caption>
<thead><tr><th scope="col">Where</th><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</div>
${more > 0 && html`<p class="soft small">${more} more changes are in the server's JSON.</p>`}`;
}

function side(value: unknown, other: unknown): Html {
  if (value === undefined) return html`<span class="soft">nothing</span>`;
  if (value === '') return html`<span class="soft">an empty text</span>`;
  if (typeof value !== 'string') {
    const json = JSON.stringify(trimSchema({ value }).schema.value, undefined, 2);
    return html`<code class="text">${excerpt(json)}</code>`;
  }
  const text = typeof other === 'string' ? markChange(value, other) : excerpt(value);
  return html`<span class="text" dir="auto">${text}</span>`;
}

/** Marks the words in which a text differs from another, unless all differ. */
export function markChange(text: string, other: string): Html {
  if (text.length > MAX_COMPARED || other.length > MAX_COMPARED) return excerpt(text);
  // Whole words, so that a mark never begins within a character.
  const [words, otherWords] = [wordsOf(text), wordsOf(other)];
  const most = Math.min(words.length, otherWords.length);
  let start = 0;
  while (start < most && words[start] === otherWords[start]) start += 1;
  let end = 0;
  while (end < most - start && words.at(-1 - end) === otherWords.at(-1 - end)) end += 1;
  if (start === 0 && end === 0) return excerpt(text, MAX_CHANGED);
  const before = words.slice(0, start).join('');
  const changedText = words.slice(start, words.length - end).join('');
  const after = words.slice(words.length - end).join('');
  const mark = changedText !== '' && html`<mark>${excerpt(changedText, MAX_CHANGED)}</mark>`;
  if (text.length <= MAX_TEXT) return html`${excerpt(before)}${mark}${excerpt(after)}`;
  const skippedCharacters = Math.max(0, before.length - MAX_AROUND);
  const note =
    skippedCharacters > 0 && html`<span class="unseen">${skippedCharacters} unchanged characters …</span>`;
  const near = skippedCharacters === 0 ? before : before.slice(before.indexOf(' ', skippedCharacters) + 1);
  return html`${note}${excerpt(near)}${mark}${excerpt(after, MAX_AROUND)}`;
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|\S+/gu) ?? [];
}

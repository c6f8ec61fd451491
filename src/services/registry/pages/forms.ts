/**
 * The forms that change something. Each carries the visitor's CSRF token and has an action of its own. What one more press
 * cannot undo stands behind a confirmation, which works without a script.
 */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { isOff } from '../entry.js';
import type { SwitchView } from '../view.js';
import { toolAnchor } from './address.js';
import { actorName, timestamp } from './words.js';

/** Keeps every form within the limit for bodies. */
const MAX_REASON = 500;

export type Form = { csrf: string; action: string; hidden?: { [field: string]: string } };

export function actionForm({ csrf, action, hidden = {} }: Form, fields: Html): Html {
  const hiddenFields = Object.entries({ csrf, ...hidden });
  // A script that sends the form and follows its redirect does not see the fragment of the address.
  const anchor = hidden.tool === undefined ? undefined : html` data-anchor="${toolAnchor(hidden.tool)}"`;
  return html`<form method="post" action="${action}"${anchor}>
${hiddenFields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
</form>`;
}

export function confirmation(id: string, summary: Html, body: Html): Html {
  return html`<details class="confirm" id="${id}">
<summary>${summary}</summary>
${body}
</details>`;
}

export function reasonField(id: string): Html {
  return html`<label for="${id}">Reason</label>
<p id="${id}-hint" class="soft small">The history keeps it with your name, for people who are signed in here.</p>
<textarea id="${id}" name="reason" rows="2" required maxlength="${MAX_REASON}" aria-describedby="${id}-hint"></textarea>`;
}

/** `id` and `name` belong to the form and to what it switches; `switched` is the last switch, if there was one. */
export function switchForm(
  form: Form & { id: string; name: string; switched: SwitchView | undefined },
): Html {
  const { id, name, switched, hidden } = form;
  const enabled = isOff(switched);
  const verb = enabled ? 'Enable' : 'Disable';
  return confirmation(
    id,
    html`${verb}…`,
    actionForm(
      { ...form, hidden: { ...hidden, enabled: String(enabled) } },
      html`${reasonField(`${id}-reason`)}
<button class="${enabled ? 'main' : 'no'}">${verb} ${visible(name)}</button>`,
    ),
  );
}

/** Who switched last, and why. */
export function lastSwitch(switched: SwitchView | undefined): Html | undefined {
  if (switched === undefined) return undefined;
  const { enabled, by, at, reason } = switched;
  const because =
    reason === undefined ? '.' : html`: “<span class="text" dir="auto">${visible(reason)}</span>”`;
  return html`<p class="box">Switched ${enabled ? 'on' : 'off'}${by && html` by ${actorName(by)}`}, ${timestamp(at)}${because}</p>`;
}

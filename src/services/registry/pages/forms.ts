/**
 * The forms that change something. Each carries the visitor's `csrf` and goes to an address of its own; what cannot be
 * undone with one more press stands behind a confirmation, which needs no script.
 */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { isOff } from '../entry.js';
import type { SwitchView } from '../view.js';
import { toolAnchor } from './address.js';
import { moment, who } from './words.js';

/** So few that any form stays within the bound of a body. */
export const MAX_REASON = 500;

export type Form = {
  csrf: string;
  action: string;
  /** Further fields that nobody sees. */
  hidden?: { [name: string]: string };
};

export function actionForm({ csrf, action, hidden = {} }: Form, fields: Html): Html {
  const fixed = Object.entries({ csrf, ...hidden });
  // A script that follows where a form leads is not told the part of the page.
  const anchor = hidden.tool === undefined ? undefined : html` data-anchor="${toolAnchor(hidden.tool)}"`;
  return html`<form method="post" action="${action}"${anchor}>
${fixed.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
</form>`;
}

export function confirmation(id: string, summary: Html, body: Html): Html {
  return html`<details class="confirm" id="${id}">
<summary>${summary}</summary>
${body}
</details>`;
}

/** `id`: of this form alone, on the page. */
export function reasonField(id: string): Html {
  return html`<label for="${id}">Reason</label>
<p id="${id}-hint" class="soft small">It is kept in the history with your name, for people who are signed in here.</p>
<textarea id="${id}" name="reason" rows="2" required maxlength="${MAX_REASON}" aria-describedby="${id}-hint"></textarea>`;
}

export function switchForm(
  given: Form & { id: string; name: string; switched: SwitchView | undefined },
): Html {
  const { id, name, switched, hidden } = given;
  const enabled = isOff(switched);
  const word = enabled ? 'Enable' : 'Disable';
  return confirmation(
    id,
    html`${word}…`,
    actionForm(
      { ...given, hidden: { ...hidden, enabled: String(enabled) } },
      html`${reasonField(`${id}-reason`)}
<button class="${enabled ? 'main' : 'no'}">${word} ${visible(name)}</button>`,
    ),
  );
}

/** Who switched last, and why. */
export function switchedBy(switched: SwitchView | undefined): Html | undefined {
  if (switched === undefined) return undefined;
  const { enabled, by, at, reason } = switched;
  return html`<p class="box">Switched ${enabled ? 'on' : 'off'}${by && html` by ${who(by)}`}, ${moment(at)}${reason === undefined ? '.' : html`: “<span class="text" dir="auto">${visible(reason)}</span>”`}</p>`;
}

/**
 * Parts that the pages share: text from strangers, cut so that no manifest makes a page expensive; badges,
 * times, people and links; findings; and the forms that change something.
 */
import { type Html, html } from '../../../pages/html.js';
import { relativeTime } from '../../../pages/time.js';
import { unseenRuns } from '../../../pages/unseen.js';
import { visible } from '../../../pages/visible.js';
import { isRecord, type JsonObject, shorten } from '../../../wire/value.js';
import {
  type Actor,
  type Finding,
  isOff,
  type ServerState,
  type Severity,
  type ToolState,
} from '../entry.js';
import type { SwitchView } from '../view.js';
import { toolAnchor } from './address.js';

export const MAX_TEXT = 4_096;
/** A mark for an invisible character is longer than the character. */
export const MAX_MARKS = 100;

const MAX_NODES = 2_000;
const MAX_MEMBERS = 200;
const MAX_SCHEMA_TEXT = 1_000;
const MAX_NAME = 128;

export const STATES: { [Name in ServerState | ToolState | 'failing']: string } = {
  on: 'On',
  off: 'Off',
  quarantined: 'In quarantine',
  pending: 'Pending',
  failing: 'Failing',
};
const STATE_LOOKS: { [Name in ServerState]: string } = {
  on: 'good',
  off: 'off',
  quarantined: 'warn',
  pending: '',
};
/** The worst first. */
const SEVERITIES: { [Name in Severity]: { word: string; look: string } } = {
  error: { word: 'Error', look: 'bad' },
  warning: { word: 'Warning', look: 'warn' },
  info: { word: 'Note', look: '' },
};
const MAX_FINDINGS = 100;
/** Keeps every form within the limit for bodies. */
const MAX_REASON = 500;

/**
 * The text as `visible` shows it, up to `most` characters or MAX_MARKS marks, and the number of characters
 * left out.
 */
export function excerpt(text: string, most = MAX_TEXT): Html {
  const end = [...unseenRuns(text.slice(0, most))][MAX_MARKS]?.at ?? most;
  if (end >= text.length) return visible(text);
  const start = text.slice(0, end).replace(/[\ud800-\udbff]$/, '');
  return html`${visible(start)}<span class="unseen">… and ${text.length - start.length} more characters</span>`;
}

/** A copy of the schema within the limits. `cut`: something was left out. */
export function trimSchema(schema: JsonObject): { schema: JsonObject; cut: boolean } {
  let nodesLeft = MAX_NODES;
  let cut = false;

  function copy(value: unknown): unknown {
    nodesLeft -= 1;
    if (typeof value === 'string') {
      cut ||= value.length > MAX_SCHEMA_TEXT;
      return shorten(value, MAX_SCHEMA_TEXT);
    }
    if (Array.isArray(value)) return copyAll(value, copy);
    return isRecord(value) ? copyObject(value) : value;
  }

  function copyObject(value: JsonObject): JsonObject {
    const members = copyAll(Object.entries(value), ([key, member]) => [shorten(key, MAX_NAME), copy(member)]);
    return Object.fromEntries(members);
  }

  function copyAll<Item, Copy>(items: readonly Item[], copyItem: (item: Item) => Copy): Copy[] {
    const copies: Copy[] = [];
    for (const item of items) {
      if (nodesLeft <= 0 || copies.length === MAX_MEMBERS) {
        cut = true;
        break;
      }
      copies.push(copyItem(item));
    }
    return copies;
  }

  return { schema: copyObject(schema), cut };
}

export function stateBadge(state: ServerState): Html {
  return badge(STATES[state], STATE_LOOKS[state]);
}

export function badge(text: string, look = ''): Html {
  return html`<span class="status ${look}">${text}</span>`;
}

/** A time that is none is shown as it is: it may come from an old store. */
export function timestamp(at: string, now: Date): Html {
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? visible(at) : relativeTime(ms, now);
}

export function actorName({ user, tenant }: Actor): Html {
  if (user === 'registry' && tenant === undefined) return html`the registry`;
  return html`<strong>${visible(user)}</strong>${tenant === undefined ? undefined : html` of ${visible(tenant)}`}`;
}

/** A link if a browser would fetch the address from a web server, otherwise text. */
export function webLink(address: string): Html {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return html`<code>${visible(address)}</code>`;
  return html`<a href="${url.href}" rel="noreferrer"><code>${visible(address)}</code></a>`;
}

/** `1 tool`, `2 tools` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** With the path of the server's page, each finding links its tool. */
export function findingList(findings: readonly Finding[], server?: string): Html {
  const order = Object.keys(SEVERITIES);
  const bySeverity = findings.toSorted(
    (left, right) => order.indexOf(left.severity) - order.indexOf(right.severity),
  );
  const more = bySeverity.length - MAX_FINDINGS;
  return html`<ul class="findings">${bySeverity.slice(0, MAX_FINDINGS).map((finding) => findingItem(finding, server))}</ul>
${more > 0 && html`<p class="soft small">${more} more are in the server's JSON.</p>`}`;
}

function findingItem({ severity, tool, message, mend, code }: Finding, server: string | undefined): Html {
  const { word, look } = SEVERITIES[severity];
  const link =
    tool !== undefined &&
    server !== undefined &&
    html`<a href="${server}#${toolAnchor(tool)}"><code>${visible(tool)}</code></a>: `;
  return html`<li>${badge(word, look)} <div>${link}<span class="text" dir="auto">${excerpt(message)}</span>
<p class="soft small">${visible(mend)} <code>${visible(code)}</code></p></div></li>`;
}

/** `inputs` are hidden. */
export type Form = { csrf: string; action: string; inputs?: { [field: string]: string } };

/** Each form carries the visitor's CSRF token and has an action of its own. */
export function actionForm({ csrf, action, inputs = {} }: Form, fields: Html): Html {
  // A script that sends the form and follows its redirect does not see the fragment of the address.
  const anchor = inputs.tool !== undefined && html` data-anchor="${toolAnchor(inputs.tool)}"`;
  return html`<form method="post" action="${action}"${anchor}>
${Object.entries({ csrf, ...inputs }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
</form>`;
}

/** What one more press cannot undo stands behind a confirmation, which works without a script. */
export function confirmation(id: string, summary: string, body: Html): Html {
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

/** `name` is that of the server or tool that the form switches. */
export function switchForm(form: Form, id: string, name: string, last: SwitchView | undefined): Html {
  const enabled = isOff(last);
  const verb = enabled ? 'Enable' : 'Disable';
  const body = actionForm(
    { ...form, inputs: { ...form.inputs, enabled: String(enabled) } },
    html`${reasonField(`${id}-reason`)}
<button class="btn ${enabled ? 'go' : 'no'}">${verb} ${visible(name)}</button>`,
  );
  return confirmation(id, `${verb}…`, body);
}

/** Who switched last, and why. */
export function lastSwitch(last: SwitchView | undefined, now: Date): Html | undefined {
  if (last === undefined) return undefined;
  const { enabled, by, at, reason } = last;
  const because =
    reason === undefined ? '.' : html`: “<span class="text" dir="auto">${visible(reason)}</span>”`;
  return html`<p class="box">Switched ${enabled ? 'on' : 'off'}${by && html` by ${actorName(by)}`}, ${timestamp(at, now)}${because}</p>`;
}

/** One server: where it stands, what was found, what changed without anybody's consent, its tools and its history. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import type { ServerPageView } from '../page-view.js';
import { serverPath, signInPath } from './address.js';
import { facts } from './facts.js';
import { findings } from './findings.js';
import { actionForm, confirmation, switchForm } from './forms.js';
import { history } from './history.js';
import { page } from './layout.js';
import { guidanceQuarantine, identityQuarantine } from './quarantine.js';
import { tools } from './tools.js';
import { badge, counted, STATES, stateBadge } from './words.js';

export function serverPage(view: ServerPageView): string {
  const { server, visitor, told } = view;
  const { name, title, address, state, allFindings, quarantined: heldBack } = server;
  const here = serverPath(name);
  const said = `${name}: ${STATES[state]}. The page is up to date.`;
  return page(
    { title: `${name}: ${STATES[state]}`, here, visitor, told },
    html``,
    html`<div data-live="server" data-server="${name}" data-address="${address}" data-said="${visibleText(said)}">
<div class="line"><h1>${visible(name)}</h1>${stateBadge(state)}${heldBack === 0 ? undefined : badge(`${counted(heldBack, 'tool')} in quarantine`, 'warn')}</div>
${title === undefined ? undefined : html`<p class="lead" dir="auto">${visible(title)}</p>`}
${standing(view)}
${identityQuarantine(view)}
${guidanceQuarantine(view)}
${findings(allFindings, here)}
<div class="split">
<div class="side">
${facts(server)}
${visitor === undefined ? signIn(here) : actions(view, visitor.csrf)}
</div>
<div>
${tools(view)}
${history(view)}
</div>
</div>
</div>`,
  );
}

function standing({ server }: ServerPageView): Html | undefined {
  const { state, manifest, failures, checkedAt } = server;
  if (state === 'off') return html`<p class="box">Switched off: nothing of this server is to be used.</p>`;
  if (manifest !== undefined) return undefined;
  const text =
    checkedAt === undefined
      ? 'It is asked for its manifest just now.'
      : failures > 0
        ? 'It has not told a valid manifest yet, and is asked again.'
        : 'It has not told a valid manifest yet.';
  return html`<p class="box">${text} This page follows by itself.</p>`;
}

function signIn(here: string): Html {
  return html`<p><a href="${signInPath(here)}">Sign in to switch, accept or remove</a></p>`;
}

function actions({ server }: ServerPageView, csrf: string): Html {
  const { name, address } = server;
  const path = serverPath(name);
  // The name may pass to another server while this page is open; actions here apply to the server that it shows.
  const hidden = { address };
  return html`<section class="panel actions-of" aria-labelledby="actions">
<h2 id="actions">Actions</h2>
${actionForm({ csrf, action: `${path}/validate`, hidden }, html`<button>Check now</button>`)}
${switchForm({ csrf, action: `${path}/switch`, hidden, id: 'switch', name, switched: server.switch })}
${confirmation(
  'remove',
  html`Remove…`,
  actionForm(
    { csrf, action: `${path}/remove`, hidden },
    html`<p>The registry forgets this server and asks it no more. Its history stays.</p>
<button class="no">Remove ${visible(name)}</button>`,
  ),
)}
</section>`;
}

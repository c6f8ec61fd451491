/** What the approval pages share: who is signed in, the way to the list, and the two files they load. */

import { type Html, html } from '../../../pages/html.js';
import type { Session } from '../../../pages/signin/session.js';
import { visible } from '../../../pages/visible.js';
import { APPROVALS_PATH } from '../addresses.js';

export const STYLE_PATH = `${APPROVALS_PATH}/style.css`;
export const SCRIPT_PATH = `${APPROVALS_PATH}/page.js`;
export const LIVE_PATH = `${APPROVALS_PATH}/live.js`;
export const SIGN_IN_PATH = `${APPROVALS_PATH}/sign-in`;
export const SIGN_OUT_PATH = `${APPROVALS_PATH}/sign-out`;

export type Layout = {
  title: string;
  /** Nobody, on a page that is shown to anybody. */
  session?: Session | undefined;
  /** What the script does first, on a page that has nothing to show yet. */
  step?: Step;
};

/** `closed`: what stands here is shown to people who are signed in; the others are on the way there and back. */
export type Step = 'closed' | 'sign-in' | 'callback';

export function page({ title, session, step }: Layout, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - barewire approvals</title>
<link rel="stylesheet" href="${STYLE_PATH}">
<script type="module" src="${SCRIPT_PATH}" data-name="approvals" data-sign-in="${SIGN_IN_PATH}" data-step="${step ?? ''}" data-next="${LIVE_PATH}"></script>
</head>
<body>
<header class="top">
<nav aria-label="Approvals"><a href="${APPROVALS_PATH}">All that waits</a></nav>
${session === undefined ? undefined : signedIn(session)}
</header>
<main>
${body}
</main>
</body>
</html>
`.text;
}

function signedIn({ user, tenant, csrf }: Session): Html {
  return html`<form method="post" action="${SIGN_OUT_PATH}" data-leaves>
<input type="hidden" name="csrf" value="${csrf}">
<span>${visible(user)} <span class="soft">of ${visible(tenant)}</span></span>
<button>Sign out</button>
</form>`;
}

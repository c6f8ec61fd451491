/** What the approval pages share: who is signed in, the way to the list, and the two files they load. */
import { APPROVALS_PATH } from '../../approval/addresses.js';
import { type Html, html } from '../../http/html.js';
import { visible } from '../../http/visible.js';
import type { Session } from '../../signin/session.js';

export const STYLE_PATH = `${APPROVALS_PATH}/style.css`;
export const SCRIPT_PATH = `${APPROVALS_PATH}/live.js`;
export const SIGN_IN_PATH = `${APPROVALS_PATH}/sign-in`;
export const SIGN_OUT_PATH = `${APPROVALS_PATH}/sign-out`;

export type Layout = {
  title: string;
  /** Nobody, on a page that is shown to anybody. */
  session?: Session | undefined;
  /** Kept up to date: by the script, and without it by reloading where that loses nothing. */
  live?: 'script' | 'script or reload';
};

export function page({ title, session, live }: Layout, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - barewire approvals</title>
<link rel="stylesheet" href="${STYLE_PATH}">
${live === 'script or reload' ? html`<noscript><meta http-equiv="refresh" content="30"></noscript>` : undefined}
${live === undefined ? undefined : html`<script src="${SCRIPT_PATH}" defer></script>`}
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
  return html`<form method="post" action="${SIGN_OUT_PATH}">
<input type="hidden" name="csrf" value="${csrf}">
<span>${visible(user)} <span class="soft">of ${visible(tenant)}</span></span>
<button>Sign out</button>
</form>`;
}

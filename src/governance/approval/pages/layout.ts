/** The frame of every approval page, the pages that say one thing, and the words for the status of a request. */
import { bar, type Page } from '../../../pages/bar.js';
import { type Html, html, htmlDocument } from '../../../pages/html.js';
import type { Link, Problem } from '../../../pages/reply.js';
import type { Session } from '../../../pages/signin/session.js';
import { signedIn } from '../../../pages/signin/signed-in.js';
import { APPROVALS_PATH } from '../addresses.js';
import type { Approval } from '../approval.js';

export const STYLE_PATH = `${APPROVALS_PATH}/style.css`;
export const SCRIPT_PATH = `${APPROVALS_PATH}/page.js`;
export const LIVE_PATH = `${APPROVALS_PATH}/live.js`;
export const SIGN_IN_PATH = `${APPROVALS_PATH}/sign-in`;
export const SIGN_OUT_PATH = `${APPROVALS_PATH}/sign-out`;

export type Layout = {
  title: string;
  /** Undefined on a page that anybody may see. */
  session?: Session | undefined;
  /** What the script does first on a page that shows nothing yet. */
  step?: Step;
  /** Room for two columns. */
  wide?: boolean;
};

/** `closed`: the page is for people who are signed in. The other two stand on the way to the sign-in and back. */
export type Step = 'closed' | 'sign-in' | 'callback';

export function page({ title, session, step, wide = false }: Layout, body: Html): Page {
  return (links) =>
    htmlDocument(
      `${title} - barewire approvals`,
      STYLE_PATH,
      html`<script type="module" src="${SCRIPT_PATH}" data-name="approvals" data-sign-in="${SIGN_IN_PATH}" data-step="${step ?? ''}" data-next="${LIVE_PATH}"></script>`,
      html`${bar('approvals', { ...links, approvals: APPROVALS_PATH }, session && signedIn(session, SIGN_OUT_PATH))}
<main id="main" tabindex="-1"${wide && html` class="wide"`}>
${body}
</main>`,
    );
}

/** What a person sees who is not signed in: nothing of the page, and why it needs a script. */
export function closedPage(step: Step): Page {
  const title = step === 'closed' ? 'Approvals' : 'Signing in';
  return page(
    { title, step },
    html`<h1>${title}</h1>
<noscript><p class="box bad">These pages need JavaScript. Your browser stores the proof of who you are for exactly this address, and only a script can send it. A cookie would also go to every other program that listens on this machine.</p></noscript>
<p id="said" role="status" class="soft"></p>`,
  );
}

export function problemPage({ title, problem }: Problem, session?: Session, ...links: Link[]): Page {
  return page(
    { title, session },
    html`<h1>${title}</h1><p class="box bad" role="alert">${problem}</p>${links.map(linkLine)}`,
  );
}

export function noticePage(title: string, text: string, ...links: Link[]): Page {
  return page({ title }, html`<h1>${title}</h1><p>${text}</p>${links.map(linkLine)}`);
}

const linkLine = ({ to, text }: Link) => html`<p><a href="${to}">${text}</a></p>`;

/** `lapsed`: approved, and not used in time. */
export type Status = 'pending' | 'approved' | 'refused' | 'consumed' | 'expired' | 'lapsed';

export function statusOf({ state, expiresAt }: Approval, now: Date): Status {
  if (expiresAt > now.getTime()) return state;
  if (state === 'pending') return 'expired';
  return state === 'approved' ? 'lapsed' : state;
}

/** Whether the time ran out before the request was decided or its approval used. */
export function ranOut(status: Status): boolean {
  return status === 'expired' || status === 'lapsed';
}

/** The words, and the class of the box they stand in. */
export const STATUS: { [Name in Status]: { words: string; tone: string } } = {
  pending: { words: 'Waiting for a decision', tone: 'warn' },
  approved: { words: 'Approved', tone: 'good' },
  refused: { words: 'Refused', tone: 'bad' },
  consumed: { words: 'Approved and used', tone: 'good' },
  expired: { words: 'Expired: nobody decided in time', tone: '' },
  lapsed: { words: 'Approved, but not used in time', tone: '' },
};

export function timeLeft(expiresAt: number, now: Date): string {
  const minutes = Math.floor((expiresAt - now.getTime()) / 60_000);
  return minutes < 1 ? 'less than a minute left' : `${minutes} min left`;
}

/**
 * Keeps the approval pages up to date. When the server says that the list has changed, this script fetches the page again,
 * replaces its live part and announces the change.
 */
import { announce, fetchWithSession, getElement, isSignedOut, parsePage } from './page.js';

const RETRY_MS = 2000;
/** The server sends no event when a request expires. */
const REFRESH_MS = 30_000;
const region = getElement('[data-live]');
/** @type {AbortController | undefined} */
let stream;
let refreshing = false;
let changedMeanwhile = false;

function stop() {
  stream?.abort();
  clearInterval(timer);
  document.removeEventListener('visibilitychange', follow);
}

/** @param {string} address */
async function load(address) {
  const response = await fetchWithSession(address);
  if (isSignedOut(response)) {
    stop();
    announce('You are no longer signed in. Reload this page to sign in again.');
    return undefined;
  }
  return response.ok || response.status === 410 ? parsePage(await response.text()) : undefined;
}

/** Each view of a single request is audited, so its page is fetched only once the list has lost it. */
async function isStillListed() {
  if (region.dataset.live !== 'one') return false;
  const id = location.pathname.split('/').at(-1) ?? '';
  const list = await load(`/approvals?${new URLSearchParams({ request: id })}`);
  return list === undefined || list.querySelector(`a[href="${location.pathname}"]`) !== null;
}

async function refresh() {
  if (await isStillListed()) return;
  const page = await load(location.pathname + location.search);
  const fresh = page?.querySelector('[data-live]');
  if (page === undefined || !(fresh instanceof HTMLElement)) return;
  const { activeElement } = document;
  const hadFocus = region.contains(activeElement);
  const href = activeElement?.getAttribute('href');
  region.replaceChildren(...fresh.childNodes);
  if (hadFocus) {
    const sameLink = [...region.querySelectorAll('a')].find((link) => link.getAttribute('href') === href);
    const heading = getElement('h1');
    heading.tabIndex = -1;
    (sameLink ?? heading).focus();
  }
  document.title = page.title;
  announce(fresh.dataset.said ?? '');
  region.dataset.live = fresh.dataset.live;
  if (fresh.dataset.live === 'done') stop();
}

/** Refreshes once at a time, and once more when something changed meanwhile. */
async function refreshOnce() {
  changedMeanwhile = refreshing;
  if (refreshing) return;
  refreshing = true;
  do {
    changedMeanwhile = false;
    await refresh().catch(() => {});
  } while (changedMeanwhile);
  refreshing = false;
}

/** A browser opens few connections to one server, so a hidden page holds none. */
function follow() {
  stream?.abort();
  if (document.hidden) return;
  stream = new AbortController();
  listen(stream.signal);
}

/**
 * Reads the event stream by hand: an EventSource cannot send the session.
 *
 * @param {AbortSignal} signal
 */
async function listen(signal) {
  try {
    const response = await fetchWithSession('/approvals/events', { signal });
    refreshOnce();
    if (!response.ok || response.body === null) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text = (text + part.value).slice(-1000);
      if (!text.includes('event: changed')) continue;
      text = '';
      refreshOnce();
    }
  } catch {
    // The connection is lost, or was ended by follow().
  }
  if (!signal.aborted) setTimeout(() => signal.aborted || follow(), RETRY_MS);
}

const timer = setInterval(() => document.hidden || refreshOnce(), REFRESH_MS);
document.addEventListener('visibilitychange', follow);
follow();

/**
 * The script of the pages that change by themselves, as a browser runs it. It fetches a page again when the server says that
 * the list has changed, puts the new part in place of the old one and has a screen reader say so. It asks with the session,
 * by the script that every page loads (signin/page-script.ts).
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
const AGAIN_MS = 2000;
const EVERY_MS = 30000; // what has expired is told by nobody
const region = document.querySelector('[data-live]');
const said = document.getElementById('said');
let stream;
let looking;
let again = false;

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

function end() {
  stream?.abort();
  clearInterval(timer);
  document.removeEventListener('visibilitychange', follow);
}

async function load(address) {
  const response = await barewire.ask(address);
  if (barewire.isSignedOut(response)) {
    end();
    say('You are not signed in any more. Reload this page to go on.');
    return undefined;
  }
  if (!response.ok && response.status !== 410) return undefined;
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

// Each look at a single request is recorded, so as long as it is on the list nobody looks.
async function stillWaits() {
  if (region.dataset.live !== 'one') return false;
  const list = await load('/approvals');
  return list === undefined || list.querySelector('a[href="' + location.pathname + '"]') !== null;
}

async function look() {
  if (await stillWaits()) return;
  const page = await load(location.pathname);
  const fresh = page?.querySelector('[data-live]');
  if (!fresh) return;
  const { activeElement } = document;
  const inside = region.contains(activeElement);
  const link = inside && activeElement.getAttribute('href');
  region.replaceChildren(...fresh.childNodes);
  if (inside) {
    const same = link && [...region.querySelectorAll('a')].find((one) => one.getAttribute('href') === link);
    const heading = document.querySelector('h1');
    heading.tabIndex = -1;
    (same || heading).focus();
  }
  document.title = page.title;
  say(fresh.dataset.said);
  region.dataset.live = fresh.dataset.live;
  if (fresh.dataset.live === 'done') end();
}

// One look at a time; what happens meanwhile is looked at afterwards.
async function lookOnce() {
  again = looking !== undefined;
  if (again) return;
  do {
    again = false;
    looking = look().catch(() => {});
    await looking;
  } while (again);
  looking = undefined;
}

// A browser has few connections for one server, so a page that nobody sees holds none.
function follow() {
  stream?.abort();
  if (document.hidden) return;
  stream = new AbortController();
  listen(stream.signal);
}

// No EventSource: it could not send the session.
async function listen(signal) {
  try {
    const response = await barewire.ask('/approvals/events', { signal });
    lookOnce();
    if (!response.ok) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text = (text + part.value).slice(-1000);
      if (!text.includes('event: changed')) continue;
      text = '';
      lookOnce();
    }
  } catch {
    // Lost, or left on purpose.
  }
  if (!signal.aborted) setTimeout(() => signal.aborted || follow(), AGAIN_MS);
}

const timer = setInterval(() => document.hidden || lookOnce(), EVERY_MS);
document.addEventListener('visibilitychange', follow);
follow();
})();
`;

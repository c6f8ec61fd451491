/**
 * The one script of the pages, as a browser loads it. It fetches a page again when the server says that the list has
 * changed, puts the new part in place of the old one and has a screen reader say so. Without it a page is reloaded by
 * its reader, and the list by itself.
 */
export const LIVE_SCRIPT = `'use strict';
const EVERY_MS = 30000; // what has expired is told by nobody
const region = document.querySelector('[data-live]');
const said = document.getElementById('said');
let source;
let looking;
let again = false;

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

function end() {
  source?.close();
  clearInterval(timer);
  document.removeEventListener('visibilitychange', follow);
}

async function load(address) {
  const response = await fetch(address, { cache: 'no-store' });
  if (response.status === 403) {
    end();
    say('You are not signed in any more. Reload this page to go on.');
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
  source?.close();
  if (document.hidden) return;
  source = new EventSource('/approvals/events');
  source.addEventListener('open', lookOnce);
  source.addEventListener('changed', lookOnce);
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) lookOnce();
  });
}

const timer = setInterval(() => document.hidden || lookOnce(), EVERY_MS);
document.addEventListener('visibilitychange', follow);
follow();
`;

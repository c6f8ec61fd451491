/**
 * The script that every page of a service loads, as a browser runs it. It keeps who is signed in, in the storage of this
 * exact origin (scheme, host and port), and sends it with each request of the page, in a header. It goes to the
 * authorization server and comes back, opens the page that stands at this address, and sends the page's forms. What else a
 * page does is in a script of its own, which this one loads once the page is there.
 */
import { NO_SESSION, SESSION_HEADER } from './session.js';

export const PAGE_SCRIPT = `'use strict';
(() => {
const own = document.currentScript;
const { name, step, signIn } = own.dataset;
const SESSION = name + '-session'; // who is signed in, for all windows of this origin
const BEGUN = name + '-sign-in'; // a sign-in under way, in this window
const SHOWN = name + '-page'; // the answer to a form, for the next page of this window
const PROBLEM = 'The server does not answer. Reload this page to try again.';

/** fetch, with the session. The server says when it has ended. */
async function ask(address, { headers = {}, ...init } = {}) {
  const session = localStorage.getItem(SESSION);
  const proof = session === null ? {} : { '${SESSION_HEADER}': session };
  const response = await fetch(address, { cache: 'no-store', ...init, headers: { ...headers, ...proof } });
  if (isSignedOut(response) && localStorage.getItem(SESSION) === session) localStorage.removeItem(SESSION);
  return response;
}

function isSignedOut(response) {
  return response.headers.get('${SESSION_HEADER}') === '${NO_SESSION}';
}

globalThis.barewire = Object.freeze({ ask, isSignedOut });

/** Puts a page of this server in the place of the one that is shown. Scripts in its text do not run. */
function show(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target; one; one = one.parentElement) if (one.tagName === 'DETAILS') one.open = true;
  target?.scrollIntoView();
  return page.querySelector('script[data-name="' + name + '"]')?.dataset.next;
}

function say(text) {
  const said = document.getElementById('said');
  if (said !== null) said.textContent = text;
}

function load(next) {
  if (!next) return;
  const script = document.createElement('script');
  script.src = next;
  document.head.append(script);
}

const bare = (address) => address.split('#', 1)[0];

/** The page at this address for the person who is signed in; its script included. */
async function open() {
  const shown = JSON.parse(sessionStorage.getItem(SHOWN) ?? '{}');
  sessionStorage.removeItem(SHOWN);
  if (shown.url === bare(location.href)) return show(shown.text);
  const closed = step === 'closed'; // what stands here is for people who are signed in
  if (localStorage.getItem(SESSION) !== null) {
    const response = await ask(location.href);
    if (!isSignedOut(response)) {
      if (response.redirected) history.replaceState(null, '', response.url + location.hash);
      return show(await response.text());
    }
  }
  if (!closed) return own.dataset.next;
  location.replace(signIn + '?' + new URLSearchParams({ to: location.pathname }));
}

/** To the authorization server. What has to be the same when the person comes back stays in this window. */
async function begin() {
  const response = await fetch(location.pathname, { method: 'POST', body: new URLSearchParams(location.search) });
  if (!isJson(response)) return show(await response.text());
  const { url, begun } = await response.json();
  sessionStorage.setItem(BEGUN, begun);
  location.replace(url);
}

async function finish() {
  const answer = location.search.slice(1);
  const begun = sessionStorage.getItem(BEGUN) ?? '';
  sessionStorage.removeItem(BEGUN);
  // The code is good once, and this address is not to be found again.
  history.replaceState(null, '', location.pathname);
  const response = await fetch(location.pathname, { method: 'POST', body: new URLSearchParams({ answer, begun }) });
  if (!isJson(response)) return show(await response.text());
  const { session, to } = await response.json();
  localStorage.setItem(SESSION, session);
  location.replace(to);
}

const isJson = (response) => response.headers.get('content-type') === 'application/json';

/** Sends a form, and goes where its answer leads: a new page for each, as without a script. */
async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const response = await ask(form.action, { method: 'POST', body });
  if ('leaves' in form.dataset) localStorage.removeItem(SESSION);
  const url = bare(response.redirected ? response.url : location.href);
  const text = await response.text();
  try {
    sessionStorage.setItem(SHOWN, JSON.stringify({ url, text }));
  } catch {
    // Too much to keep: the page is asked for once more.
  }
  const anchor = response.redirected && form.dataset.anchor ? '#' + form.dataset.anchor : '';
  if (url !== bare(location.href)) return location.assign(url + anchor);
  history.replaceState(null, '', url + anchor);
  location.reload();
}

let sending = false;
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  event.preventDefault();
  if (sending) return;
  sending = true;
  send(form, event.submitter).catch(() => {
    sending = false;
    say(PROBLEM);
  });
});

const steps = { 'sign-in': begin, callback: finish };
(steps[step] ?? open)().then(load, () => say(PROBLEM));
})();
`;

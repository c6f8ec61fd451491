/**
 * The script of every page that people can sign in to. It keeps the session in the storage of this exact origin (scheme,
 * host and port) and sends it with each request, in a header. It takes people to the authorization server and back, shows
 * the page that stands at this address, and sends its forms. A page that changes by itself has a second script, which is
 * imported once the page is shown.
 */

// As in signin/session.ts.
const SESSION_HEADER = 'barewire-session';
const NO_SESSION = 'none';

const { name, step = '', signIn } = getElement('script[data-name]').dataset;
/** In localStorage: who is signed in, for all windows of this origin. */
const SESSION_KEY = `${name}-session`;
/** In sessionStorage: a sign-in under way in this window. */
const SIGN_IN_KEY = `${name}-sign-in`;
/** In sessionStorage: the answer to a form, for the next page of this window. */
const PAGE_KEY = `${name}-page`;
const PROBLEM = 'The server does not answer. Reload this page to try again.';

/**
 * @param {string} selector
 * @param {ParentNode} [within]
 */
export function getElement(selector, within = document) {
  const element = within.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`there is no ${selector} on this page`);
  return element;
}

/**
 * `fetch` with the session, which is forgotten when the server says that it has ended.
 *
 * @param {string} address
 * @param {RequestInit} [init]
 */
export async function fetchWithSession(address, init) {
  const session = localStorage.getItem(SESSION_KEY);
  const headers = new Headers();
  if (session !== null) headers.set(SESSION_HEADER, session);
  const response = await fetch(address, { cache: 'no-store', ...init, headers });
  if (isSignedOut(response) && localStorage.getItem(SESSION_KEY) === session) {
    localStorage.removeItem(SESSION_KEY);
  }
  return response;
}

/** @param {Response} response */
export function isSignedOut(response) {
  return response.headers.get(SESSION_HEADER) === NO_SESSION;
}

/** @param {string} text */
export const parsePage = (text) => new DOMParser().parseFromString(text, 'text/html');

/** @param {string} message */
export function announce(message) {
  const status = document.getElementById('said');
  if (status !== null && status.textContent !== message) status.textContent = message;
}

/**
 * Shows another page of this server in this window. Scripts in it do not run.
 *
 * @param {string} text
 */
function show(text) {
  const page = parsePage(text);
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let element = target; element !== null; element = element.parentElement) {
    if (element instanceof HTMLDetailsElement) element.open = true;
  }
  target?.scrollIntoView();
}

/** @param {string} address */
const withoutHash = (address) => address.split('#', 1)[0];

async function open() {
  const answer = JSON.parse(sessionStorage.getItem(PAGE_KEY) ?? '{}');
  sessionStorage.removeItem(PAGE_KEY);
  if (answer.url === withoutHash(location.href)) return show(answer.text);
  if (localStorage.getItem(SESSION_KEY) !== null) {
    const response = await fetchWithSession(location.href);
    if (!isSignedOut(response)) {
      if (response.redirected) history.replaceState(null, '', response.url + location.hash);
      return show(await response.text());
    }
  }
  const to = location.pathname + location.search;
  if (step === 'closed') location.replace(`${signIn}?${new URLSearchParams({ to })}`);
}

/** Goes to the authorization server. What proves that the answer belongs to this window stays in it. */
async function beginSignIn() {
  const body = new URLSearchParams(location.search);
  const response = await fetch(location.pathname, { method: 'POST', body });
  if (!isJson(response)) return show(await response.text());
  const { url, begun } = await response.json();
  sessionStorage.setItem(SIGN_IN_KEY, begun);
  location.replace(url);
}

async function finishSignIn() {
  const answer = location.search.slice(1);
  const begun = sessionStorage.getItem(SIGN_IN_KEY) ?? '';
  sessionStorage.removeItem(SIGN_IN_KEY);
  // The code works once, so the address that carries it does not stay in the history.
  history.replaceState(null, '', location.pathname);
  const body = new URLSearchParams({ answer, begun });
  const response = await fetch(location.pathname, { method: 'POST', body });
  if (!isJson(response)) return show(await response.text());
  const { session, to } = await response.json();
  localStorage.setItem(SESSION_KEY, session);
  location.replace(to);
}

/** @param {Response} response */
const isJson = (response) => response.headers.get('content-type') === 'application/json';

/**
 * Sends a form and goes where the answer leads, to a new page each time, as a browser does without a script.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 */
async function send(form, button) {
  const body = new URLSearchParams();
  for (const [field, value] of new FormData(form, button)) body.append(field, String(value));
  const response = await fetchWithSession(form.action, { method: 'POST', body });
  if ('leaves' in form.dataset) localStorage.removeItem(SESSION_KEY);
  const url = withoutHash(response.redirected ? response.url : location.href);
  const text = await response.text();
  try {
    sessionStorage.setItem(PAGE_KEY, JSON.stringify({ url, text }));
  } catch {
    // The page is too large for the storage, so the next one is fetched again.
  }
  const hash = response.redirected && form.dataset.anchor ? `#${form.dataset.anchor}` : '';
  if (url !== withoutHash(location.href)) return location.assign(url + hash);
  history.replaceState(null, '', url + hash);
  location.reload();
}

let sending = false;
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.method !== 'post') return;
  event.preventDefault();
  if (sending) return;
  sending = true;
  send(form, event.submitter).catch(() => {
    sending = false;
    announce(PROBLEM);
  });
});

async function start() {
  if (step === 'sign-in') return beginSignIn();
  if (step === 'callback') return finishSignIn();
  await open();
  const { next } = getElement('script[data-name]').dataset;
  if (next && document.querySelector('[data-live]:not([data-live=done])')) await import(next);
}

start().catch(() => announce(PROBLEM));

/**
 * What makes the pages live, as a browser runs it. It searches while somebody types, follows filters without loading the
 * page, and keeps what is shown up to date. Nobody needs it to read: every link works without. The script that every page
 * loads starts it, and asks with the session of the person who is signed in (signin/page-script.ts).
 */
export const REGISTRY_SCRIPT = `'use strict'; (() => {
const PAUSE_MS = 120;
const EVERY_MS = 1000;
const SILENT = 'The registry does not answer.';
const region = document.querySelector('[data-live]');
const field = document.getElementById('q');
const said = document.getElementById('said');
const stale = document.getElementById('stale');
let shown = region?.innerHTML;
let asked;
let wanted = false; // a person waits for it, and not only the page
let late = false;
let typing;
let due;
let looked = 0;
let source;

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

// What somebody writes, or has marked to copy it, is not taken from under their hands.
function busy() {
  const form = document.activeElement?.closest('form');
  if (form && region.contains(form)) return true;
  if ([...region.querySelectorAll('textarea')].some((one) => one.value !== one.defaultValue)) return true;
  const picked = getSelection();
  return picked !== null && !picked.isCollapsed && region.contains(picked.anchorNode);
}

function wait() {
  late = true;
  stale.hidden = region.querySelector('form') === null;
}

async function load() {
  if (!wanted && busy()) return wait();
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  looked = Date.now();
  if (wanted) region.setAttribute('aria-busy', 'true');
  try {
    const response = await barewire.ask(location.href, { signal: mine.signal });
    if (response.status >= 500) throw new Error(SILENT);
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (mine.signal.aborted) return;
    const fresh = page.querySelector('[data-live]');
    if (fresh === null) {
      end();
      say(page.querySelector('h1')?.textContent ?? 'This page cannot be brought up to date.');
      stale.hidden = false;
      return;
    }
    if (!wanted && busy()) return wait();
    if (response.redirected) history.replaceState(null, '', response.url + location.hash);
    show(fresh);
    document.title = page.title;
  } catch (error) {
    if (error.name === 'AbortError') return;
    say(SILENT);
  }
  wanted = false;
  region.removeAttribute('aria-busy');
}

function show(fresh) {
  late = false;
  stale.hidden = true;
  const text = fresh.innerHTML;
  if (text !== shown) {
    shown = text;
    Object.assign(region.dataset, fresh.dataset);
    say(fresh.dataset.said);
    const open = new Map([...region.querySelectorAll('details[id]')].map((one) => [one.id, one.open]));
    const inside = region.contains(document.activeElement);
    const key = inside && keyOf(document.activeElement);
    region.replaceChildren(...fresh.childNodes);
    for (const one of region.querySelectorAll('details[id]')) one.open = open.get(one.id) ?? one.open;
    offerCopies();
    if (inside) {
      const same = [...region.querySelectorAll('a, button, summary, [tabindex]')].find((one) => keyOf(one) === key);
      (same ?? document.getElementById('main')).focus({ preventScroll: true });
    }
  }
  if (field !== null) field.form.hidden = region.dataset.all === '0';
  if (said.textContent === SILENT) say('');
}

function keyOf(one) {
  return one.id || one.getAttribute('href') || one.tagName + ' ' + one.closest('[id]')?.id;
}

function go(address, way) {
  clearTimeout(typing);
  history[way](null, '', address);
  wanted = true;
  load();
}

function goSearching() {
  const address = new URL(location.href);
  address.searchParams.delete('offset');
  if (field.value === '') address.searchParams.delete('q');
  else address.searchParams.set('q', field.value);
  if (address.href !== location.href) go(address, 'replaceState');
}

function fieldFollows() {
  if (field !== null) field.value = new URL(location.href).searchParams.get('q') ?? '';
}

// Not more often than this, however much happens.
function soon() {
  due ??= setTimeout(() => {
    due = undefined;
    load();
  }, Math.max(0, looked + EVERY_MS - Date.now()));
}

function concerns({ name, address }) {
  const { live, server, address: mine } = region.dataset;
  return live === 'list' || name === server || address === mine;
}

// A browser has few connections for one server, so a page that nobody sees holds none.
function follow() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource('/api/events');
  source.addEventListener('open', soon);
  source.addEventListener('change', ({ data }) => concerns(JSON.parse(data)) && soon());
}

function end() {
  source?.close();
  document.removeEventListener('visibilitychange', follow);
}

function offerCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll('button[data-copy]')) button.hidden = false;
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent;
  const done = await navigator.clipboard.writeText(text).then(() => 'Copied', () => 'Not copied');
  button.textContent = done;
  say(done + '.');
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-copy]');
  if (button) copy(button);
  const link = event.target.closest('a[data-go]');
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.href, 'pushState');
  fieldFollows();
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    const opened = event.target.closest('details.confirm[open]');
    if (!opened) return;
    opened.open = false;
    opened.querySelector('summary').focus();
  }
  if (event.key !== '/' || field === null || event.target.closest('input, textarea')) return;
  event.preventDefault();
  field.focus();
  field.select();
});
field?.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(goSearching, PAUSE_MS);
});
field?.form.addEventListener('submit', (event) => {
  event.preventDefault();
  goSearching();
});
if (region !== null) {
  addEventListener('popstate', () => {
    if (region.dataset.live !== 'list') return;
    wanted = true;
    fieldFollows();
    load();
  });
  for (const name of ['focusout', 'selectionchange']) document.addEventListener(name, () => late && soon());
  document.addEventListener('visibilitychange', follow);
  follow();
  offerCopies();
} })();
`;

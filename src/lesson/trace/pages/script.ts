/**
 * The one script of the trace's page: it follows what happens, opens an exchange without loading the page, and tells what the
 * part under the mouse or the focus means. Without it links and the list of meanings do the same, and a page is reloaded.
 */
export const TRACE_SCRIPT = `'use strict';
// Where this script is, the secret is.
const own = document.currentScript.src;
const EVERY_MS = 300;
const list = document.getElementById('list');
const main = document.getElementById('main');
const said = document.getElementById('said');
let source;
let due;
let looked = 0;
let asked = 0;
let wanted = false; // a person chose another exchange

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

async function load() {
  looked = Date.now();
  const mine = ++asked;
  try {
    const response = await fetch(location.href, { cache: 'no-store' });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (mine !== asked) return;
    if (!response.ok && response.status !== 404) throw new Error();
    show(page);
  } catch {
    if (mine === asked) say('The server does not answer.');
  }
}

function show(page) {
  const focused = list.contains(document.activeElement) && document.activeElement.getAttribute('href');
  list.replaceChildren(...page.getElementById('list').childNodes);
  if (focused) list.querySelector('a[href="' + focused + '"]')?.focus({ preventScroll: true });
  say(page.getElementById('said').textContent);
  document.title = page.title;
  const before = main.querySelector('article');
  const fresh = page.querySelector('main article');
  // What is over does not change any more, and nobody loses the place where they read.
  const same = !wanted && before && fresh && before.dataset.number === fresh.dataset.number && before.dataset.state === fresh.dataset.state && fresh.dataset.state !== 'open';
  if (same) {
    const old = main.querySelector('section[aria-labelledby=conversation]');
    const next = page.querySelector('section[aria-labelledby=conversation]');
    if (old && next) old.replaceWith(next);
  } else {
    const inside = main.contains(document.activeElement) && document.activeElement.dataset.note;
    main.replaceChildren(...page.getElementById('main').childNodes);
    ready();
    if (inside) main.querySelector('[data-note="' + inside + '"]')?.focus({ preventScroll: true });
  }
  const scroll = main.querySelector('.scroll');
  if (scroll && !scroll.contains(document.activeElement)) scroll.scrollTop = scroll.scrollHeight;
  if (wanted) {
    wanted = false;
    if (matchMedia('(max-width: 60rem)').matches) main.scrollIntoView();
  }
}

function soon() {
  due ??= setTimeout(() => {
    due = undefined;
    load();
  }, Math.max(0, looked + EVERY_MS - Date.now()));
}

// A browser has few connections for one server, so a page that nobody sees holds none.
function follow() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource(new URL('events', own));
  source.addEventListener('open', soon);
  source.addEventListener('exchange', soon);
}

function ready() {
  const note = document.getElementById('note');
  if (note) note.hidden = false;
  for (const button of main.querySelectorAll('button[data-copy]')) button.hidden = !navigator.clipboard;
}

function tell(part) {
  const note = document.getElementById('note');
  const meaning = document.getElementById(part.dataset.note);
  if (!note || !meaning) return;
  for (const one of main.querySelectorAll('.told')) one.classList.remove('told');
  part.classList.add('told');
  const copy = document.createElement('dl');
  copy.append(...[...meaning.childNodes].map((one) => one.cloneNode(true)));
  note.replaceChildren(copy);
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent;
  say(await navigator.clipboard.writeText(text).then(() => 'Copied.', () => 'Not copied.'));
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-copy]');
  if (button) copy(button);
  const part = event.target.closest('[data-note]');
  if (part) {
    event.preventDefault();
    tell(part);
  }
  const link = event.target.closest('a[data-go]');
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  wanted = true;
  load();
});
for (const name of ['focusin', 'mouseover']) {
  document.addEventListener(name, (event) => {
    const part = event.target.closest('[data-note]');
    if (part) tell(part);
  });
}
document.addEventListener('keydown', (event) => {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const here = event.target.closest('[data-note], #list a');
  if (!way || !here || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...(list.contains(here) ? list.querySelectorAll('a') : main.querySelectorAll('[data-note]'))];
  const next = all[all.indexOf(here) + way];
  event.preventDefault();
  next?.focus();
});
addEventListener('popstate', () => {
  wanted = true;
  load();
});
document.addEventListener('visibilitychange', follow);
ready();
follow();
`;

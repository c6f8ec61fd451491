/**
 * The script of the trace: it follows new exchanges, opens one without loading the page, and explains the part under the
 * mouse or the focus. The page works without it: the links and the list of meanings say the same.
 */

const MIN_INTERVAL_MS = 300;
/** The address of this script holds the secret, and so does that of the stream. */
const EVENTS = new URL('events', import.meta.url);
const controls = getElement('#controls');
const list = getElement('#list');
const main = getElement('#main');
const status = getElement('#said');
/** @type {string | null} What the server last said of the list. */
let said = status.textContent;
/** @type {EventSource | undefined} */
let source;
/** @type {number | undefined} */
let loadTimer;
let loadedAt = 0;
let lastLoad = 0;
/** A person chose another exchange. */
let chosen = false;

/** @param {string} selector */
function getElement(selector, within = document) {
  const element = within.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`there is no ${selector} on this page`);
  return element;
}

/** @param {string | null} message */
function announce(message) {
  if (status.textContent !== message) status.textContent = message;
}

async function load() {
  loadedAt = Date.now();
  lastLoad += 1;
  const thisLoad = lastLoad;
  try {
    const response = await fetch(location.href, { cache: 'no-store' });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (thisLoad !== lastLoad) return;
    if (!response.ok && response.status !== 404) throw new Error();
    show(page);
  } catch {
    if (thisLoad !== lastLoad) return;
    announce('The server does not answer.');
    said = null;
  }
}

/** @param {Document} page */
function show(page) {
  showChoice(page);
  replaceChildren(list, getElement('#list', page));
  const { textContent } = getElement('#said', page);
  // What was announced here, such as that a text was copied, stays until there is news.
  if (textContent !== said) announce(textContent);
  said = textContent;
  document.title = page.title;
  if (!chosen && isUnchanged(main.querySelector('article'), page.querySelector('main article'))) {
    // Nobody loses the place where they read.
    const conversation = 'section[aria-labelledby=conversation]';
    const fresh = page.querySelector(conversation);
    if (fresh) main.querySelector(conversation)?.replaceWith(fresh);
  } else {
    replaceChildren(main, getElement('#main', page));
    showControls();
  }
  const diagram = main.querySelector('.scroll');
  if (diagram && !diagram.contains(document.activeElement)) diagram.scrollTop = diagram.scrollHeight;
  if (chosen && matchMedia('(max-width: 60rem)').matches) main.scrollIntoView();
  chosen = false;
}

/**
 * A list of choices that is open stays open.
 *
 * @param {Document} page
 */
function showChoice(page) {
  const part = controls.contains(document.activeElement) && document.activeElement?.matches('select');
  const selector = part ? '#controls .tools' : '#controls';
  replaceChildren(getElement(selector), getElement(selector, page));
}

/**
 * The focus stays on the element that is the same in the new page.
 *
 * @param {HTMLElement} target
 * @param {HTMLElement} fresh
 */
function replaceChildren(target, fresh) {
  const { activeElement } = document;
  const element = target.contains(activeElement) ? activeElement : null;
  const name = ['id', 'data-key', 'href'].find((one) => element?.hasAttribute(one));
  target.replaceChildren(...fresh.childNodes);
  const same = name && target.querySelector(`[${name}="${CSS.escape(element?.getAttribute(name) ?? '')}"]`);
  if (same instanceof HTMLElement) same.focus({ preventScroll: true });
}

/**
 * An exchange that has ended does not change any more.
 *
 * @param {HTMLElement | null} shown
 * @param {HTMLElement | null} fresh
 */
function isUnchanged(shown, fresh) {
  if (shown === null || fresh === null || fresh.dataset.state === 'open') return false;
  return ['number', 'state', 'view'].every((name) => shown.dataset[name] === fresh.dataset[name]);
}

function loadSoon() {
  if (loadTimer !== undefined) return;
  const waitMs = Math.max(0, loadedAt + MIN_INTERVAL_MS - Date.now());
  loadTimer = setTimeout(() => {
    loadTimer = undefined;
    load();
  }, waitMs);
}

/** A browser opens few connections to one server, so a hidden page holds none. */
function follow() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource(EVENTS);
  source.addEventListener('open', loadSoon);
  source.addEventListener('exchange', loadSoon);
}

/** What works only with this script is hidden without it. */
function showControls() {
  document.getElementById('note')?.removeAttribute('hidden');
  if (!navigator.clipboard) return;
  for (const button of main.querySelectorAll('button[data-copy]')) button.removeAttribute('hidden');
}

/** @param {HTMLElement} part */
function explain(part) {
  const note = document.getElementById('note');
  const meaning = document.getElementById(part.getAttribute('href')?.slice(1) ?? '');
  if (!note || !meaning) return;
  for (const explained of main.querySelectorAll('.explained')) explained.classList.remove('explained');
  part.classList.add('explained');
  const copy = document.createElement('dl');
  copy.append(...meaning.cloneNode(true).childNodes);
  note.replaceChildren(copy);
}

/** @param {HTMLElement} button */
async function copy(button) {
  const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
  await navigator.clipboard.writeText(text).then(
    () => announce('Copied.'),
    () => announce('Not copied.'),
  );
}

/**
 * @param {Event} event
 * @param {string} selector
 */
function closest({ target }, selector) {
  const element = target instanceof Element ? target.closest(selector) : null;
  return element instanceof HTMLElement ? element : undefined;
}

document.addEventListener('click', (event) => {
  const button = closest(event, 'button[data-copy]');
  if (button) copy(button);
  const part = closest(event, '[data-note]');
  if (part) {
    event.preventDefault();
    explain(part);
  }
  const link = closest(event, 'a[data-go]');
  if (!(link instanceof HTMLAnchorElement) || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.href, !controls.contains(link) && !list.contains(link.closest('.empty')));
});

document.addEventListener('change', (event) => {
  const form = closest(event, 'form.filters');
  if (!(form instanceof HTMLFormElement)) return;
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (value !== '') address.searchParams.set(name, String(value));
  }
  go(address.href, false);
});

/**
 * @param {string} address
 * @param {boolean} another whether it shows another exchange, or another view of it
 */
function go(address, another) {
  history.pushState(null, '', address);
  chosen = another;
  load();
}

for (const type of ['focusin', 'mouseover']) {
  document.addEventListener(type, (event) => {
    const part = closest(event, '[data-note]');
    if (part) explain(part);
  });
}

document.addEventListener('keydown', (event) => {
  const here = closest(event, '[data-note], #list ol a');
  const direction = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!direction || !here || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const all = [...document.querySelectorAll(list.contains(here) ? '#list ol a' : '#main [data-note]')];
  const next = all[all.indexOf(here) + direction];
  if (next instanceof HTMLElement) next.focus();
});

addEventListener('popstate', () => {
  chosen = true;
  load();
});
document.addEventListener('visibilitychange', follow);
showControls();
follow();

/**
 * Makes the registry's pages live: searches while somebody types, follows filters without loading the page, and keeps the
 * page up to date. The pages work without it. Over 200 lines because searching and following changes share one state: what
 * is loading, and who waits for it.
 */
import { announce, fetchWithSession, getElement, parsePage } from './page.js';

const TYPING_PAUSE_MS = 120;
const MIN_INTERVAL_MS = 1000;
/** Times such as “3 min ago” go on even when nothing changes. */
const REFRESH_MS = 60_000;
const SILENT = 'The registry does not answer.';
const region = getElement('[data-live]');
const status = getElement('#said');
const staleNotice = getElement('#stale');
const field = document.querySelector('input#q');
let shownHtml = region.innerHTML;
/** @type {AbortController | undefined} */
let loading;
/** A person waits for this load, not only the page. */
let requested = false;
/** A change has come that cannot be shown yet. */
let outdated = false;
/** @type {number | undefined} */
let typingTimer;
/** @type {number | undefined} */
let loadTimer;
let loadedAt = 0;
/** @type {EventSource | undefined} */
let source;

/** Whether a replacement would destroy what somebody writes, or has selected to copy. */
function isInUse() {
  const form = document.activeElement?.closest('form');
  if (form && region.contains(form)) return true;
  if ([...region.querySelectorAll('textarea')].some((area) => area.value !== area.defaultValue)) return true;
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && region.contains(selection.anchorNode);
}

function postpone() {
  outdated = true;
  staleNotice.hidden = region.querySelector('form') === null;
}

async function load() {
  if (!requested && isInUse()) return postpone();
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  loadedAt = Date.now();
  if (requested) region.setAttribute('aria-busy', 'true');
  try {
    const response = await fetchWithSession(location.href, { signal });
    if (response.status >= 500) throw new Error(SILENT);
    const page = parsePage(await response.text());
    if (signal.aborted) return;
    const fresh = page.querySelector('[data-live]');
    if (!(fresh instanceof HTMLElement)) {
      stop();
      announce(page.querySelector('h1')?.textContent ?? 'This page cannot be brought up to date.');
      staleNotice.hidden = false;
      return;
    }
    if (!requested && isInUse()) return postpone();
    if (response.redirected) history.replaceState(null, '', response.url + location.hash);
    show(fresh);
    document.title = page.title;
  } catch {
    if (signal.aborted) return;
    announce(SILENT);
  }
  requested = false;
  region.removeAttribute('aria-busy');
}

/** @param {HTMLElement} fresh */
function show(fresh) {
  outdated = false;
  staleNotice.hidden = true;
  if (fresh.innerHTML !== shownHtml) {
    shownHtml = fresh.innerHTML;
    Object.assign(region.dataset, fresh.dataset);
    announce(fresh.dataset.said ?? '');
    replaceRegion(fresh);
  }
  if (field instanceof HTMLInputElement && field.form) field.form.hidden = region.dataset.all === '0';
  if (status.textContent === SILENT) announce('');
}

/**
 * Open details stay open, and the focus stays where it was.
 *
 * @param {HTMLElement} fresh
 */
function replaceRegion(fresh) {
  const { activeElement } = document;
  const focusedKey = activeElement && region.contains(activeElement) ? keyOf(activeElement) : undefined;
  const wasOpen = new Map([...region.querySelectorAll('details')].map(({ id, open }) => [id, open]));
  region.replaceChildren(...fresh.childNodes);
  for (const details of region.querySelectorAll('details[id]')) {
    if (details instanceof HTMLDetailsElement) details.open = wasOpen.get(details.id) ?? details.open;
  }
  showCopyButtons();
  if (focusedKey === undefined) return;
  const focusable = [...region.querySelectorAll('a, button, summary, [tabindex]')];
  const same = focusable.find((element) => keyOf(element) === focusedKey);
  (same instanceof HTMLElement ? same : getElement('#main')).focus({ preventScroll: true });
}

/** @param {Element} element */
function keyOf(element) {
  return element.id || element.getAttribute('href') || `${element.tagName} ${element.closest('[id]')?.id}`;
}

/**
 * @param {string} address
 * @param {'pushState' | 'replaceState'} method
 */
function go(address, method) {
  clearTimeout(typingTimer);
  history[method](null, '', address);
  requested = true;
  load();
}

/** @param {HTMLInputElement} field */
function search({ value }) {
  const address = new URL(location.href);
  address.searchParams.delete('offset');
  if (value === '') address.searchParams.delete('q');
  else address.searchParams.set('q', value);
  if (address.href !== location.href) go(address.href, 'replaceState');
}

function updateField() {
  if (field instanceof HTMLInputElement) field.value = new URL(location.href).searchParams.get('q') ?? '';
}

function loadSoon() {
  if (loadTimer !== undefined) return;
  const waitMs = Math.max(0, loadedAt + MIN_INTERVAL_MS - Date.now());
  loadTimer = setTimeout(() => {
    loadTimer = undefined;
    load();
  }, waitMs);
}

/** @param {{ name: string, address: string }} change */
function concernsPage({ name, address }) {
  const { live, server, address: ownAddress } = region.dataset;
  return live === 'list' || name === server || address === ownAddress;
}

/** A browser opens few connections to one server, so a hidden page holds none. */
function follow() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource('/api/events');
  source.addEventListener('open', loadSoon);
  source.addEventListener('change', ({ data }) => concernsPage(JSON.parse(data)) && loadSoon());
}

function stop() {
  source?.close();
  clearInterval(refreshTimer);
  document.removeEventListener('visibilitychange', follow);
}

function showCopyButtons() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll('button[data-copy]')) button.removeAttribute('hidden');
}

/** @param {HTMLElement} button */
async function copy(button) {
  const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
  const result = await navigator.clipboard.writeText(text).then(
    () => 'Copied',
    () => 'Not copied',
  );
  button.textContent = result;
  announce(`${result}.`);
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
}

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const button = event.target.closest('button[data-copy]');
  if (button instanceof HTMLElement) copy(button);
  const link = event.target.closest('a[data-go]');
  if (!(link instanceof HTMLAnchorElement) || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.href, 'pushState');
  updateField();
});

document.addEventListener('keydown', (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    const details = event.target.closest('details.confirm[open]');
    if (details === null) return;
    details.removeAttribute('open');
    getElement('summary', details).focus();
  }
  if (event.key !== '/' || !(field instanceof HTMLInputElement)) return;
  if (event.target.closest('input, textarea')) return;
  event.preventDefault();
  field.focus();
  field.select();
});

if (field instanceof HTMLInputElement) {
  field.addEventListener('input', () => {
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => search(field), TYPING_PAUSE_MS);
  });
  field.form?.addEventListener('submit', (event) => {
    event.preventDefault();
    search(field);
  });
}

addEventListener('popstate', () => {
  if (region.dataset.live !== 'list') return;
  requested = true;
  updateField();
  load();
});
for (const type of ['focusout', 'selectionchange']) {
  document.addEventListener(type, () => outdated && loadSoon());
}
const refreshTimer = setInterval(() => document.hidden || isInUse() || loadSoon(), REFRESH_MS);
document.addEventListener('visibilitychange', follow);
follow();
showCopyButtons();

/**
 * The script of the lesson: explains the chosen part of an exchange, sends requests, checks exercises, and remembers in this
 * browser what was solved. The server renders everything; without this script the pages can be read.
 */

const { base = '', recorded: hasRecords } = getElement('script[data-base]').dataset;
/** Whether answers are recorded, because no server is there. */
const isRecorded = hasRecords !== undefined;
/** In localStorage: the names of the solved chapters, and the chapter that was read last. */
const SOLVED_KEY = 'barewire-solved';
const PLACE_KEY = 'barewire-chapter';
const PROBLEM = isRecorded
  ? 'The recorded answer cannot be loaded.'
  : 'The server does not answer. Is it still running?';
const NOT_SENT =
  'There are no bytes yet. The transcript leaves open what differs each time: tokens, dates, ids, the sizes of chunks. Press Send first.';
const main = getElement('#main');

/**
 * @param {string} selector
 * @param {ParentNode} [within]
 */
function getElement(selector, within = document) {
  const element = within.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`there is no ${selector} on this page`);
  return element;
}

/** @param {string} message */
function announce(message) {
  getElement('#said').textContent = message;
}

/**
 * @param {Event} event
 * @param {string} selector
 */
function closest({ target }, selector) {
  const element = target instanceof Element ? target.closest(selector) : null;
  return element instanceof HTMLElement ? element : undefined;
}

/**
 * @param {string} page
 * @param {object} asked
 */
async function post(page, asked) {
  const response = await fetch(`${base}/${page}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? PROBLEM);
  return answer;
}

/**
 * The turns of the story up to the one that was sent, as HTML.
 *
 * @param {DOMStringMap} exchange
 * @param {{ whatIf?: string, text?: string }} change
 * @returns {Promise<{ index: number, html: string }[]>}
 */
async function answersTo({ file = '', turn }, change) {
  if (!isRecorded) return (await post('send', { file, turn: Number(turn), ...change })).turns;
  const { html } = await recordOf(file, change.whatIf ?? '');
  return [{ index: Number(turn), html }];
}

/**
 * @param {string} file
 * @param {string} name
 */
async function recordOf(file, name) {
  const response = await fetch(`${base}/${file.replace(/\.wire$/, '')}.${name}.json`);
  if (!response.ok) throw new Error(PROBLEM);
  return response.json();
}

/** @param {string} html */
function parseElement(html) {
  const element = new DOMParser().parseFromString(html, 'text/html').body.firstElementChild;
  return element instanceof HTMLElement ? document.adoptNode(element) : undefined;
}

/**
 * Shows the explanation of a part below the exchange.
 *
 * @param {HTMLElement} part
 */
function explain(part) {
  const exchange = part.closest('.exchange');
  const meaning = document.getElementById(part.getAttribute('href')?.slice(1) ?? '');
  const note = exchange?.querySelector('div[data-explains]');
  if (!(note instanceof HTMLElement) || !meaning) return;
  for (const explained of main.querySelectorAll('.explained')) explained.classList.remove('explained');
  part.classList.add('explained');
  const copy = document.createElement('dl');
  copy.append(...meaning.cloneNode(true).childNodes);
  note.replaceChildren(copy);
  note.hidden = false;
}

/**
 * What works only with this script is hidden without it.
 *
 * @param {ParentNode} within
 */
function showControls(within) {
  for (const element of within.querySelectorAll('.buttons > [hidden], .whatif, .exercise .actions')) {
    element.removeAttribute('hidden');
  }
  if (navigator.clipboard) return;
  for (const button of within.querySelectorAll('[data-copy]')) button.setAttribute('hidden', '');
}

/**
 * Sends the request of an exchange, and shows the turns of its story up to that one.
 *
 * @param {HTMLElement} exchange
 * @param {{ whatIf?: string, text?: string }} change
 */
async function send(exchange, change = {}) {
  const { turn } = exchange.dataset;
  const story = exchange.closest('[data-story]') ?? main;
  exchange.setAttribute('aria-busy', 'true');
  if (!isRecorded) announce('Sending. The first time, the servers of the lesson have to start.');
  try {
    for (const { index, html } of await answersTo(exchange.dataset, change)) replaceTurn(story, index, html);
    const shown = getElement(`[data-turn="${turn}"]`, story);
    const status = shown.querySelector('.came .status')?.textContent ?? 'no status';
    announce(`The answer is there: ${status}.`);
    return shown;
  } catch (error) {
    complain(exchange, error);
  } finally {
    exchange.removeAttribute('aria-busy');
  }
}

/**
 * The exchanges as they were recorded, by their transcripts, while a mistake is shown instead.
 *
 * @type {Map<string, Element>}
 */
const originals = new Map();

/** @param {HTMLElement} exchange */
function goBack(exchange) {
  const original = originals.get(exchange.dataset.file ?? '');
  if (!original) return;
  originals.delete(exchange.dataset.file ?? '');
  exchange.replaceWith(original);
  for (const chip of original.querySelectorAll('[data-what-if]')) chip.setAttribute('aria-pressed', 'false');
  getElement('[data-guess]', original).hidden = true;
  getElement('[data-what-if]', original).focus({ preventScroll: true });
  announce('This is the transcript again.');
}

/**
 * @param {ParentNode} story
 * @param {number} index
 * @param {string} html
 */
function replaceTurn(story, index, html) {
  const old = story.querySelector(`[data-turn="${index}"]`);
  if (!old) return;
  const fresh = parseElement(html);
  if (!fresh) return;
  const button = document.activeElement?.getAttribute('data-what-if');
  const edited = old.querySelector('textarea')?.value;
  const isOpen = old.querySelector('[data-editor]:not([hidden])') !== null;
  const hadFocus = old.contains(document.activeElement);
  showControls(fresh);
  const { file = '' } = fresh.dataset;
  if (isRecorded && !originals.has(file)) originals.set(file, old);
  old.replaceWith(fresh);
  const textarea = fresh.querySelector('textarea');
  if (isOpen && textarea && edited !== undefined) {
    textarea.value = edited;
    getElement('[data-editor]', fresh).hidden = false;
  }
  if (!hadFocus) return;
  const next = fresh.querySelector(
    button ? `[data-what-if="${button}"]` : isOpen ? 'textarea' : '[data-send], [data-back]',
  );
  if (next instanceof HTMLElement) next.focus({ preventScroll: true });
}

/**
 * @param {HTMLElement} place
 * @param {unknown} error
 */
function complain(place, error) {
  const message = error instanceof TypeError || !(error instanceof Error) ? PROBLEM : error.message;
  place.querySelector(':scope > .problem')?.remove();
  const problem = document.createElement('p');
  problem.className = 'problem verdict bad';
  problem.textContent = message;
  place.append(problem);
  announce(message);
}

/**
 * The reader guesses first, and then sees the answer.
 *
 * @param {HTMLElement} exchange
 * @param {HTMLElement} guess
 */
async function judge(exchange, guess) {
  const chosen = exchange.querySelector('[data-what-if][aria-pressed="true"]');
  const whatIf = chosen?.getAttribute('data-what-if') ?? '';
  const shown = await send(exchange, { whatIf });
  if (!shown) return;
  const pressed = getElement(`[data-what-if="${whatIf}"]`, shown);
  pressed.setAttribute('aria-pressed', 'true');
  pressed.hidden = false;
  const guessed = guess.dataset.status;
  const real = getElement('.came .status', shown);
  const verdict = document.createElement('p');
  const isRight = real.dataset.status === guessed;
  verdict.className = `verdict ${isRight ? 'good' : 'bad'}`;
  verdict.textContent = isRight
    ? `You guessed it: ${real.textContent}.`
    : `You guessed ${guessed}. It is ${real.textContent}.`;
  shown.querySelector('.sides')?.before(verdict);
  announce(verdict.textContent);
}

/** @param {HTMLFormElement} form */
async function check(form) {
  const values = [...form.querySelectorAll('input.gap')].map((input) =>
    input instanceof HTMLInputElement ? input.value : '',
  );
  form.setAttribute('aria-busy', 'true');
  announce('Playing your solution.');
  try {
    const { html } = await post('check', { file: form.dataset.exercise, values });
    const fresh = parseElement(html);
    if (!fresh) throw new Error(PROBLEM);
    showControls(fresh);
    form.replaceWith(fresh);
    getElement('[data-check]', fresh).focus({ preventScroll: true });
    announce(fresh.querySelector('.verdict')?.textContent ?? '');
    if (fresh.dataset.solved === 'yes') remember(fresh.dataset.exercise?.split('/', 1)[0] ?? '');
  } catch (error) {
    complain(form, error);
  } finally {
    form.removeAttribute('aria-busy');
  }
}

/**
 * The Base64 of a text, or what PKCE calls S256: the SHA-256 of the text in base64url.
 *
 * @param {HTMLInputElement} input
 */
async function showEncoded({ value, dataset, parentElement }) {
  const output = parentElement?.parentElement?.querySelector('output');
  if (!output) return;
  const bytes = new TextEncoder().encode(value);
  const isHash = dataset.encode === 's256';
  const hash = isHash ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : bytes;
  const text = btoa(String.fromCharCode(...hash));
  const shown = isHash ? text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') : text;
  output.textContent = value === '' ? '' : shown;
}

/** @returns {string[]} */
function solved() {
  try {
    const names = JSON.parse(localStorage.getItem(SOLVED_KEY) ?? '[]');
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/** @param {string} chapter */
function remember(chapter) {
  localStorage.setItem(SOLVED_KEY, JSON.stringify([...new Set([...solved(), chapter])]));
  showProgress();
}

function showProgress() {
  for (const chapter of solved()) {
    for (const item of document.querySelectorAll(`[data-chapter="${CSS.escape(chapter)}"] .done`)) {
      item.removeAttribute('hidden');
    }
  }
  const place = localStorage.getItem(PLACE_KEY);
  const resume = document.querySelector('a[data-resume]');
  const link = document.querySelector(`.group [data-chapter="${CSS.escape(place ?? '')}"] a`);
  if (resume instanceof HTMLAnchorElement && link instanceof HTMLAnchorElement) {
    resume.href = link.href;
    resume.textContent = `Go on with ${link.querySelector('b')?.textContent}`;
  }
  const current = document.querySelector('.chapters [aria-current]')?.closest('[data-chapter]');
  if (current instanceof HTMLElement) localStorage.setItem(PLACE_KEY, current.dataset.chapter ?? '');
}

/** @param {HTMLElement} button */
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy ?? '').then(
    () => announce('Copied.'),
    () => announce('Not copied.'),
  );
}

/**
 * @param {HTMLElement} exchange
 * @param {HTMLElement} button
 */
async function toggleRaw(exchange, button) {
  if (!exchange.querySelector('.raw') && !(await addRaw(exchange))) {
    const note = getElement('[data-explains]', exchange);
    note.textContent = NOT_SENT;
    note.hidden = false;
    return announce(NOT_SENT);
  }
  const isRaw = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(isRaw));
  for (const side of exchange.querySelectorAll('.side')) {
    const [pretty, raw] = [side.querySelector('.bytes'), side.querySelector('.raw')];
    if (!(pretty instanceof HTMLElement) || !(raw instanceof HTMLElement)) continue;
    pretty.hidden = isRaw;
    raw.hidden = !isRaw;
  }
}

/**
 * Adds the raw bytes that are recorded. False if there are none.
 *
 * @param {HTMLElement} exchange
 */
async function addRaw(exchange) {
  if (!isRecorded) return false;
  try {
    const sides = (await recordOf(exchange.dataset.file ?? '', 'raw'))[exchange.dataset.turn ?? ''];
    for (const name of ['sent', 'came']) {
      const raw = parseElement(sides[name]);
      if (raw) exchange.querySelector(`.side.${name}`)?.append(raw);
    }
  } catch (error) {
    complain(exchange, error);
  }
  return true;
}

/**
 * Shows the mistakes that are behind "more".
 *
 * @param {HTMLElement} button
 */
function showMore(button) {
  const others = [...(button.parentElement?.querySelectorAll('[data-what-if][hidden]') ?? [])];
  for (const other of others) other.removeAttribute('hidden');
  const [first] = others;
  if (first instanceof HTMLElement) first.focus();
  button.remove();
}

document.addEventListener('click', (event) => {
  const exchange = closest(event, '.exchange');
  const part = closest(event, 'a[data-note]');
  if (part) {
    event.preventDefault();
    return explain(part);
  }
  const button = closest(event, 'button');
  if (!exchange || !button) return;
  if ('copy' in button.dataset) copy(button);
  else if ('raw' in button.dataset) toggleRaw(exchange, button);
  else if ('more' in button.dataset) showMore(button);
  else if ('send' in button.dataset) send(exchange);
  else if ('back' in button.dataset) goBack(exchange);
  else if ('edit' in button.dataset) {
    const editor = getElement('[data-editor]', exchange);
    editor.hidden = !editor.hidden;
    if (!editor.hidden) getElement('textarea', editor).focus();
  } else if ('whatIf' in button.dataset) {
    for (const other of exchange.querySelectorAll('[data-what-if]')) {
      other.setAttribute('aria-pressed', String(other === button));
    }
    const guess = getElement('[data-guess]', exchange);
    guess.hidden = false;
    announce('Guess the status first.');
  } else if (button.closest('[data-guess]')) judge(exchange, button);
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  const exchange = form.closest('.exchange');
  if ('exercise' in form.dataset) check(form);
  else if (exchange instanceof HTMLElement)
    send(exchange, { text: form.querySelector('textarea')?.value ?? '' });
});

document.addEventListener('input', ({ target }) => {
  if (target instanceof HTMLInputElement && 'encode' in target.dataset) showEncoded(target);
});

// The form has a button for its other fields.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && closest(event, '[data-encode]')) event.preventDefault();
});

for (const type of ['focusin', 'mouseover']) {
  document.addEventListener(type, (event) => {
    const part = closest(event, 'a[data-note]');
    if (part) explain(part);
  });
}

document.addEventListener('keydown', (event) => {
  const here = closest(event, 'a[data-note]');
  const direction = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!direction || !here || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const all = [...(here.closest('.exchange')?.querySelectorAll('.sides a[data-note]') ?? [])];
  const next = all[all.indexOf(here) + direction];
  if (next instanceof HTMLElement) next.focus();
});

showControls(document);
showProgress();

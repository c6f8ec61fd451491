/**
 * Chromium without a window, and the people at it. Each has cookies of their own, opens the address that a client hands
 * them, reads the pages that are really there and presses their buttons, until the browser has left for the client.
 * The test decides for them.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import * as assert from 'uvu/assert';
import { PERSON } from '../support/person.js';
import { findProgram, reportSkip } from '../support/programs.js';

const PROGRAM = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => findProgram(name))
  .find(Boolean);
/** Where pictures go, for anyone who wants to look at them. */
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;
const { source: AXE }: { source: string } = createRequire(import.meta.url)('axe-core');
/** For each single wait; a page takes a fraction of a second, a busy machine a multiple of that. */
const PATIENCE_MS = 60_000;

/** A page as a person saw it before pressing something. */
export type Seen = { title: string; text: string };
export type Answer = 'yes' | 'no';

let started: Promise<Browser> | undefined;

/** Whether people can be asked here; if not, a file says so in one line. */
export function browserFor(suite: string): boolean {
  if (PROGRAM === undefined) reportSkip(suite, 'there is no chromium here');
  return PROGRAM !== undefined;
}

/** The one browser of this process, started when it is first needed. */
export async function openContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  started ??= chromium.launch({
    ...(PROGRAM === undefined ? {} : { executablePath: PROGRAM }),
    // As root in a container there is no sandbox to be had, and /dev/shm is small.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    timeout: PATIENCE_MS,
  });
  const context = await (await started).newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

export async function closeBrowser(): Promise<void> {
  await (await started)?.close();
  started = undefined;
}

export class Person {
  readonly #context: BrowserContext;
  /** What the browser complained about: a blocked form, a refused style sheet. */
  readonly complaints: string[] = [];
  /** Where the pages are, if the address that a client opens only leads there. */
  issuer: string | undefined;
  #pictures = 0;

  private constructor(
    context: BrowserContext,
    readonly name: string,
  ) {
    this.#context = context;
  }

  static async arrive(name: string): Promise<Person> {
    return new Person(await openContext(), name);
  }

  /** A page of this person's browser, watched; one that soon goes elsewhere by itself is not waited for. */
  async open(address: string | URL, waitUntil: 'load' | 'commit' = 'load'): Promise<Page> {
    const page = await this.#context.newPage();
    page.on('console', (message) => {
      const { url } = message.location();
      // The client's own page is the client's affair.
      const ours = !URL.canParse(url) || new URL(url).origin === new URL(address).origin;
      if (ours && message.type() === 'error') this.complaints.push(`${url}: ${message.text()}`);
    });
    await page.goto(String(address), { waitUntil });
    return page;
  }

  /** Opens the client's address, and answers. Returns the text of the pages on the way. */
  async visit(address: string | URL, answer?: Answer): Promise<Seen[]> {
    const page = await this.open(address);
    const seen = await this.decide(page, this.issuer ?? new URL(address).origin, answer);
    await page.close();
    return seen;
  }

  /** Signs in if needed, and agrees or refuses, until the browser has left the authorization server. */
  async decide(page: Page, issuer: string, answer: Answer = 'yes'): Promise<Seen[]> {
    const seen: Seen[] = [];
    while (new URL(page.url()).origin === issuer) {
      const title = await page.getByRole('heading', { level: 1 }).innerText();
      seen.push({ title, text: await page.locator('body').innerText() });
      await this.#picture(page, title);
      if (seen.length > 3) throw new Error(`still here: ${JSON.stringify(seen)}`);
      await this.#press(page, title, answer);
    }
    await this.#picture(page, 'back at the client');
    return seen;
  }

  leave(): Promise<void> {
    return this.#context.close();
  }

  async #press(page: Page, title: string, answer: Answer): Promise<void> {
    const [yes] = /^(Sign in|Allow|Approve)\b/.exec(title) ?? [];
    if (yes === undefined) throw new Error(`nothing to press: ${await page.locator('body').innerText()}`);
    if (yes === 'Sign in') {
      await page.getByLabel('E-mail address').fill(PERSON.login);
      await page.getByLabel('Password').fill(PERSON.password);
    }
    const button = yes === 'Sign in' || answer === 'yes' ? yes : 'Deny';
    const loaded = page.waitForEvent('load');
    await page.getByRole('button', { name: button, exact: true }).click();
    await loaded;
  }

  async #picture(page: Page, title: string): Promise<void> {
    if (SHOTS === undefined) return;
    this.#pictures += 1;
    const name = `${this.name} ${this.#pictures} ${title}`.replace(/[^\w.]+/g, '-');
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }
}

/** A page of a browser of its own; the console reports violations of the page's policy, and resources that could not be loaded. */
export async function withPage(
  given: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
  /** Responses that a test expects, and that are no complaints. */
  expected = /status of 404/,
): Promise<void> {
  const context = await openContext({ viewport: { width: 1280, height: 800 }, ...given });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await use(page);
  } finally {
    await context.close();
  }
  assert.equal(
    complaints.filter((one) => !expected.test(one)),
    [],
  );
}

type Violation = { id: string; impact: string; nodes: { target: unknown; failureSummary: string }[] };

/** Whether everybody can read the page as it stands: it fits, and axe finds nothing serious. */
export async function checkReadable(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 0 };
  assert.is(await page.evaluate('document.documentElement.scrollWidth'), width, `${name} fits ${width} px`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
  const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  assert.equal(grave, [], `${name}: ${JSON.stringify(grave.map(({ id, nodes }) => [id, nodes]))}`);
}

/** The least height of a button: a finger needs more than a mouse. */
export function leastHeight(page: Page): number {
  return (page.viewportSize()?.width ?? 0) < 640 ? 44 : 32;
}

/** Whether headings follow on each other, and a finger or a mouse finds each of these buttons. */
export async function checkHandling(page: Page, name: string, buttons = 'button:visible'): Promise<void> {
  const levels = await page
    .locator('h1, h2, h3, h4')
    .evaluateAll((all) => all.map((one) => Number(one.tagName[1])));
  for (const [at, level] of levels.entries())
    assert.ok(level <= (levels[at - 1] ?? 0) + 1, `${name}: no level of headings is left out`);
  for (const button of await page.locator(buttons).all()) {
    const box = await button.boundingBox();
    assert.ok((box?.height ?? 0) >= leastHeight(page), `${name}: X button.innerText()}`);
  }
}

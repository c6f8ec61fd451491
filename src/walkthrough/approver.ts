/**
 * An approver at a browser: signs in by way of the authorization server, and presses what is really there. What the script
 * of the pages does (pages/browser/page.js) is done here in a few lines.
 */
import { SESSION_HEADER } from '../pages/signin/session.js';
import { isRecord } from '../wire/value.js';
import { authorize, Browser, type Credentials, type Page, PERSON } from './person.js';

export class ApproverPerson {
  readonly #pages: Browser;
  readonly #issuer: Browser;
  #signedIn: Promise<string> | undefined;

  /** `origin` is that of the server whose calls wait. */
  constructor(
    readonly origin: string,
    issuer: string,
    readonly person: Credentials = PERSON,
  ) {
    this.#pages = new Browser(origin);
    this.#issuer = new Browser(issuer);
  }

  /** The page at that address, after signing in where that was not done before. */
  async open(address: string): Promise<Page> {
    this.#pages.headers.set(SESSION_HEADER, await this.session());
    const at = await this.#pages.open(address);
    if ('left' in at) throw new Error(`sent on to ${at.left}`);
    return at.page;
  }

  async decide(address: string, verdict: 'approve' | 'refuse' = 'approve'): Promise<Page> {
    const page = await this.open(address);
    const at = await this.#pages.press(page, {}, { name: 'verdict', value: verdict });
    if ('left' in at) throw new Error(`sent on to ${at.left}`);
    return at.page;
  }

  /** What the script of the pages sends with each of its requests. */
  session(): Promise<string> {
    this.#signedIn ??= this.#signIn();
    return this.#signedIn;
  }

  async #signIn(): Promise<string> {
    const { url, begun } = await this.#ask('sign-in', { to: '/approvals' });
    const back = await authorize(url ?? '', { ...this.person, browser: this.#issuer });
    const { session } = await this.#ask('callback', {
      answer: new URL(back).search.slice(1),
      begun: begun ?? '',
    });
    if (session === undefined) throw new Error(`signing in at ${this.origin} gave no session`);
    return session;
  }

  async #ask(step: 'sign-in' | 'callback', fields: { [name: string]: string }) {
    const response = await fetch(`${this.origin}/approvals/${step}`, {
      method: 'POST',
      headers: { origin: this.origin },
      body: new URLSearchParams(fields),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${step} answered ${response.status}: ${text}`);
    const value: unknown = JSON.parse(text);
    const member = (name: string): string | undefined => {
      const given = isRecord(value) ? value[name] : undefined;
      return typeof given === 'string' ? given : undefined;
    };
    return { url: member('url'), begun: member('begun'), session: member('session') };
  }
}

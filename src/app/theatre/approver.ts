/**
 * An approver at a browser: signs in through the authorization server and presses the buttons that the page really has. A few
 * lines here do what the script of the pages does (pages/browser/page.js).
 */
import { SESSION_HEADER } from '../../pages/signin/session.js';
import { isRecord } from '../../wire/value.js';
import { type Arrival, authorize, Browser, type Credentials, type Page, PERSON } from './person.js';

export class ApproverPerson {
  readonly #pages: Browser;
  readonly #issuer: Browser;
  #signedIn: Promise<string> | undefined;

  /** `origin` is the server whose calls wait. */
  constructor(
    readonly origin: string,
    issuer: string,
    readonly person: Credentials = PERSON,
  ) {
    this.#pages = new Browser(origin);
    this.#issuer = new Browser(issuer);
  }

  /** Signs in first, if necessary. */
  async open(address: string): Promise<Page> {
    this.#pages.headers.set(SESSION_HEADER, await this.session());
    return pageOf(await this.#pages.open(address));
  }

  async decide(address: string, verdict: 'approve' | 'refuse' = 'approve'): Promise<Page> {
    const page = await this.open(address);
    return pageOf(await this.#pages.press(page, {}, { name: 'verdict', value: verdict }));
  }

  /** The value of the header that the script of the pages sends with each request. */
  session(): Promise<string> {
    this.#signedIn ??= this.#signIn();
    return this.#signedIn;
  }

  async #signIn(): Promise<string> {
    const { url, begun } = await this.#post('sign-in', { to: '/approvals' });
    const back = await authorize(url ?? '', { ...this.person, browser: this.#issuer });
    const { session } = await this.#post('callback', {
      answer: new URL(back).search.slice(1),
      begun: begun ?? '',
    });
    if (session === undefined) throw new Error(`signing in at ${this.origin} gave no session`);
    return session;
  }

  async #post(step: 'sign-in' | 'callback', fields: { [name: string]: string }) {
    const response = await fetch(`${this.origin}/approvals/${step}`, {
      method: 'POST',
      headers: { origin: this.origin },
      body: new URLSearchParams(fields),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${step} answered ${response.status}: ${text}`);
    const value: unknown = JSON.parse(text);
    const member = (name: string): string | undefined => {
      const text = isRecord(value) ? value[name] : undefined;
      return typeof text === 'string' ? text : undefined;
    };
    return { url: member('url'), begun: member('begun'), session: member('session') };
  }
}

function pageOf(arrival: Arrival): Page {
  if ('left' in arrival) throw new Error(`redirected to ${arrival.left}`);
  return arrival.page;
}

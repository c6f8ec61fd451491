/** An approver at a browser without scripts: signs in by way of the authorization server, and presses what is really there. */
import { authorize, Browser, type Credentials, type Page, PERSON } from './person.js';

export class ApproverPerson {
  readonly #pages: Browser;
  readonly #issuer: Browser;
  #signedIn = false;

  /** `origin` is that of the server whose calls wait. */
  constructor(
    readonly origin: string,
    issuer: string,
    readonly person: Credentials = PERSON,
  ) {
    this.#pages = new Browser(origin);
    this.#issuer = new Browser(issuer);
  }

  /** The page at that address, after signing in where that is asked for. */
  async open(address: string): Promise<Page> {
    // Not by way of the page itself: what fetch sends says that it is a script, and scripts are not sent to sign in.
    const signIn = `${this.origin}/approvals/sign-in?to=${new URL(address).pathname}`;
    let at = await this.#pages.open(this.#signedIn ? address : signIn);
    for (let turn = 0; turn < 2 && 'left' in at; turn += 1) {
      const back = await authorize(at.left, { ...this.person, browser: this.#issuer });
      at = await this.#pages.open(back);
    }
    this.#signedIn = true;
    if ('left' in at) throw new Error(`sent on to ${at.left}`);
    return at.page;
  }

  async decide(address: string, verdict: 'approve' | 'refuse' = 'approve'): Promise<Page> {
    const page = await this.open(address);
    const at = await this.#pages.press(page, {}, { name: 'verdict', value: verdict });
    if ('left' in at) throw new Error(`sent on to ${at.left}`);
    return at.page;
  }

  /** What the browser sends with a request to these pages. */
  async cookie(): Promise<string> {
    await this.open(`${this.origin}/approvals`);
    return this.#pages.cookiesFor('/approvals');
  }
}

/**
 * A person at a browser without scripts: opens pages of the authorization server, fills in the forms that are really there and
 * presses buttons by name. Also gets the tokens that transcripts and tests need.
 */
import { type Form, readForms } from './forms.js';

/** Works at the demo company. The page shows the password. */
export const PERSON = { login: 'amara.patel1@example.com', password: 'demo' };

export type Credentials = { login: string; password: string };
export type Decision = Credentials & {
  /** The button to press on the consent page; "allow" by default. */
  consent?: 'allow' | 'deny';
};

export type Page = { url: string; status: number; headers: Headers; text: string; forms: Form[] };
/** Where a browser ended up: on a page, or redirected to another origin. */
export type Arrival = { page: Page } | { left: string };

export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();

  /** The Origin of its forms, and additional headers that a script would send. */
  origin: string;
  // The type is named, because the inferred one is that of a package which a symbolic link to node_modules hides.
  readonly headers: Headers = new Headers();

  constructor(readonly issuer: string) {
    this.origin = issuer;
  }

  async open(address: string): Promise<Arrival> {
    return this.#go(address, {});
  }

  /** Fills in the form with this button, and presses it. */
  async press(
    page: Page,
    fill: { [field: string]: string },
    button?: { name: string; value: string },
  ): Promise<Arrival> {
    const form = page.forms.find(
      ({ buttons }) =>
        button === undefined ||
        buttons.some(({ name, value }) => name === button.name && value === button.value),
    );
    if (form === undefined) throw new Error(`no such button on this page: ${page.text}`);
    const body = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(fill)) {
      if (!body.has(name)) throw new Error(`the form has no field ${name}: ${page.text}`);
      body.set(name, value);
    }
    if (button !== undefined) body.set(button.name, button.value);
    return this.#go(new URL(form.action, page.url).href, {
      method: 'POST',
      body,
      headers: { origin: this.origin },
    });
  }

  async #go(address: string, init: RequestInit): Promise<Arrival> {
    let url = new URL(address);
    let request = init;
    for (let hops = 0; hops < 10; hops += 1) {
      if (url.origin !== this.issuer) return { left: url.href };
      const headers = new Headers([...this.headers, ...new Headers(request.headers)]);
      headers.set('accept', 'text/html');
      headers.set('cookie', this.cookiesFor(url.pathname));
      const response = await fetch(url, { ...request, headers, redirect: 'manual' });
      this.#storeCookies(response);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        const text = await response.text();
        const { status } = response;
        return { page: { url: url.href, status, headers: response.headers, text, forms: readForms(text) } };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      request = {}; // Every redirect here is a 303, which turns a POST into a GET.
    }
    throw new Error(`too many redirects from ${address}`);
  }

  #storeCookies(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = cookie.split(/;\s*/);
      const [name = '', value = ''] = pair.split('=', 2);
      const path = /^path=(.*)$/i.exec(attributes.find((one) => /^path=/i.test(one)) ?? '')?.[1] ?? '/';
      const expires = attributes.find((one) => /^expires=/i.test(one))?.slice('expires='.length);
      if (expires !== undefined && Date.parse(expires) < Date.now()) this.#cookies.delete(`${name} ${path}`);
      else this.#cookies.set(`${name} ${path}`, { value, path });
    }
  }

  /** The Cookie header for a request to this path. */
  cookiesFor(path: string): string {
    return [...this.#cookies]
      .filter(([, cookie]) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(([key, { value }]) => `${key.split(' ', 1)[0]}=${value}`)
      .join('; ');
  }
}

/** Signs in and decides about access, until there is nothing more to press. */
export async function decide(browser: Browser, arrival: Arrival, decision: Decision): Promise<Arrival> {
  const { login, password, consent = 'allow' } = decision;
  let at = arrival;
  for (let pages = 0; pages < 6 && 'page' in at; pages += 1) {
    const { page } = at;
    const buttons = page.forms.flatMap((form) => form.buttons);
    const has = (name: string, value: string): boolean =>
      buttons.some((one) => one.name === name && one.value === value);
    if (page.status !== 200) return at;
    if (has('do', 'login'))
      at = await browser.press(page, { login, password }, { name: 'do', value: 'login' });
    else if (has('confirm', 'yes')) at = await browser.press(page, {}, { name: 'confirm', value: 'yes' });
    else if (has('do', consent)) at = await browser.press(page, {}, { name: 'do', value: consent });
    else return at;
  }
  return at;
}

/** The browser's half of the device flow. Returns the last page. */
export async function approve(verificationUriComplete: string, decision: Decision = PERSON): Promise<Page> {
  const browser = new Browser(new URL(verificationUriComplete).origin);
  const end = await decide(browser, await browser.open(verificationUriComplete), decision);
  if (!('page' in end)) throw new Error(`the device flow left for ${end.left}`);
  return end.page;
}

/** The browser's half of the code flow. Returns the client's address that it leads to. */
export async function authorize(
  authorizationUrl: string,
  decision: Decision & { browser?: Browser } = PERSON,
): Promise<string> {
  const browser = decision.browser ?? new Browser(new URL(authorizationUrl).origin);
  const end = await decide(browser, await browser.open(authorizationUrl), decision);
  if ('page' in end) throw new Error(`stopped at ${end.page.url} (${end.page.status}): ${end.page.text}`);
  return end.left;
}

export type TokenRequest = {
  issuer: string;
  resource: string;
  scope: string;
  /** Whether a person must approve; by default, if a person's approval is among the scopes. */
  isApproved?: boolean;
  person?: Credentials;
};

/** An access token of the demo client, or one that a person approved. */
export async function tokenFor(request: TokenRequest): Promise<string> {
  const { issuer, resource, scope, person = PERSON } = request;
  const isApproved = request.isApproved ?? scope.split(' ').includes('approved:by:human');
  if (!isApproved) return accessToken(issuer, { grant_type: 'client_credentials', resource, scope });
  const device = await post(`${issuer}/device_authorization`, { resource, scope });
  const end = await approve(String(device.verification_uri_complete), person);
  if (end.status !== 200) throw new Error(`the device flow ended with ${end.status}: ${end.text}`);
  return accessToken(issuer, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(device.device_code),
  });
}

async function accessToken(issuer: string, fields: { [name: string]: string }): Promise<string> {
  return String((await post(`${issuer}/token`, fields)).access_token);
}

async function post(url: string, fields: { [name: string]: string }): Promise<{ [name: string]: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('demo:demo-secret')}` },
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as { [name: string]: unknown };
}

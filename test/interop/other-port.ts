/**
 * A program on another port of this machine, with everything that it can do through a browser: it lures the browser to its own address and
 * keeps what the browser sends along. With that it acts as a browser of its own, which says that it is whichever page it
 * likes to be, follows every redirect, and presses every button it finds. It knows no password.
 */
import { createServer, type Server } from 'node:http';
import { close, listen } from '../../src/wire/http/listener.js';

const FORM = /<form\b[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs;
const FIELD = /<input\b[^>]*\bname="([^"]*)"(?:[^>]*\bvalue="([^"]*)")?/g;
const BUTTON = /<button\b[^>]*name="([^"]*)"[^>]*value="(?:yes|allow|approve)"[^>]*>/;

export type Loot = { status: number; url: string; text: string };

export class OtherProgram {
  /** All that the browser has sent, by name: the newest value of each cookie. */
  readonly cookies = new Map<string, string>();
  /** Every header that came along with anything. */
  readonly headers: string[] = [];
  #server: Server | undefined;
  #port = 0;
  /** What its answers set in the browser. */
  plants: string[] = [];

  async open(): Promise<void> {
    this.#server = createServer(({ headers, rawHeaders, url }, response) => {
      this.headers.push(`${url} ${rawHeaders.join(' ')}`);
      this.#keep((headers.cookie ?? '').split(/;\s*/).filter(Boolean));
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': this.plants });
      response.end('<!doctype html><title>Free screensavers</title><h1>Free screensavers</h1>');
    });
    this.#port = await listen(this.#server, 0, '127.0.0.1');
  }

  /** Where the browser is lured to: any path, since cookies have paths. */
  at(path = '/'): string {
    return `http://localhost:${this.#port}${path}`;
  }

  async close(): Promise<void> {
    if (this.#server !== undefined) await close(this.#server, 0);
  }

  /** Opens an address as if it were the person's browser, through every redirect within this machine. */
  async go(address: string, fields?: URLSearchParams): Promise<Loot> {
    let url = new URL(address);
    let body = fields;
    for (let hops = 0; hops < 12; hops += 1) {
      const response = await fetch(url, {
        method: body === undefined ? 'GET' : 'POST',
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          origin: url.origin,
          referer: `${url.origin}${url.pathname}`,
          'sec-fetch-site': 'same-origin',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
        },
      });
      this.#keep(response.headers.getSetCookie().map((one) => one.split(';', 1)[0] ?? ''));
      const to = response.headers.get('location');
      const text = await response.text();
      if (to === null) return { status: response.status, url: url.href, text };
      url = new URL(to, url);
      body = undefined;
    }
    throw new Error(`too many redirects from ${address}`);
  }

  /** The same, and then presses every button that agrees, as long as there is one. */
  async press(address: string, more: { [field: string]: string } = {}): Promise<Loot[]> {
    const seen = [await this.go(address)];
    for (let turns = 0; turns < 6; turns += 1) {
      const page = seen.at(-1);
      const form = page && [...page.text.matchAll(FORM)].find(([, , inner = '']) => BUTTON.test(inner));
      if (page === undefined || form === undefined) break;
      const [, action = '', inner = ''] = form;
      const fields = new URLSearchParams(more);
      for (const [, name = '', value = ''] of inner.matchAll(FIELD)) fields.set(name, value);
      const [pressed = '', name = ''] = BUTTON.exec(inner) ?? [];
      fields.set(name, /value="([^"]*)"/.exec(pressed)?.[1] ?? '');
      seen.push(await this.go(new URL(action, page.url).href, fields));
    }
    return seen;
  }

  #keep(pairs: readonly string[]): void {
    for (const pair of pairs) {
      const at = pair.indexOf('=');
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

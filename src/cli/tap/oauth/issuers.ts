/** The authorization servers that the server behind the tap names. The tap forwards to these and no others. */
import { createFetchJson } from '../../../oauth/fetch-json.js';
import { discoverIssuer } from '../../../oauth/issuer-metadata.js';
import { metadataPaths } from '../../../oauth/protected-resource.js';
import type { JsonObject } from '../../../wire/value.js';
import { facadePath } from './addresses.js';

const MAX_ISSUERS = 20;
const DEADLINE_MS = 10_000;

export class Issuer {
  /** What it says of itself, as it was last seen. */
  metadata: JsonObject | undefined;

  constructor(readonly issuer: string) {}

  /** Asks the server if the client has its metadata from before the tap was started. Rejects with IssuerUnreachable. */
  async known(): Promise<JsonObject> {
    this.metadata ??= await discoverIssuer(this.issuer, fetchJson);
    return this.metadata;
  }
}

const fetchJson = createFetchJson(fetch, DEADLINE_MS);

export class Issuers {
  readonly #byPath = new Map<string, Issuer>();
  #reading: Promise<void> | undefined;

  constructor(readonly target: URL) {}

  /** Undefined if there are too many, or if it is not an address. */
  add(issuer: string): Issuer | undefined {
    if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer)) return undefined;
    const path = facadePath(issuer);
    const existing = this.#byPath.get(path);
    if (existing !== undefined) return existing;
    if (this.#byPath.size >= MAX_ISSUERS) return undefined;
    const newIssuer = new Issuer(issuer);
    this.#byPath.set(path, newIssuer);
    return newIssuer;
  }

  /** The one with this path on the tap. A client may know it from a tap that ran before. */
  async find(path: string): Promise<Issuer | undefined> {
    const existing = this.#byPath.get(path);
    if (existing !== undefined) return existing;
    this.#reading ??= this.#ask();
    await this.#reading;
    return this.#byPath.get(path);
  }

  /** Reads the server's own metadata at the places where it must be. */
  async #ask(): Promise<void> {
    for (const path of metadataPaths(this.target)) {
      const answer = await fetchJson(new URL(path, this.target)).catch(() => undefined);
      const servers = answer && 'document' in answer ? answer.document.authorization_servers : undefined;
      if (!Array.isArray(servers)) continue;
      for (const server of servers) if (typeof server === 'string') this.add(server);
      return;
    }
  }
}

/** What a registry is made of, and its settings. */
import type { SharedState } from '../../cluster/shared-state.js';
import type { AuthOptions } from '../../oauth/protection.js';
import type { Links } from '../../pages/bar.js';
import type { Certificate } from '../../wire/http/certificate.js';
import type { OnError } from '../../wire/log.js';
import type { Lookup } from '../outbound/guarded-fetch.js';
import type { Reach } from '../outbound/reach.js';
import type { TokensOptions } from './check/token.js';
import type { Store } from './store/store.js';

export type RegistryOptions = {
  store: Store;
  /** The public URL; default: where it listens. */
  url?: string | undefined;
  /** With it, the registry speaks TLS. */
  certificate?: Certificate | undefined;
  auth: AuthOptions;
  /** Where people sign in to the pages. */
  issuer: string;
  /** The pages' client at that issuer. */
  pagesClient?: { id: string; secret?: string } | undefined;
  /** Secrets of 32 bytes, shared by the replicas. Keys derived from them seal sign-ins: the first seals, each opens. */
  secrets: readonly Uint8Array[];
  /** Where replicas share who has signed out of the pages. Closed with the registry. */
  state: SharedState;
  /** The client that gets the registry's own tokens; without it only manifests are checked. */
  tokens?: Pick<TokensOptions, 'client'> | undefined;
  /** Which addresses it may fetch. */
  reach: Reach;
  lookup?: Lookup;
  version: string;
  /** Opens the metrics; ignored with `url`. */
  operatorSecret?: string;
  /** More metrics of the process, in Prometheus's text format. */
  collect?: () => string;
  /** The addresses of the other pages; without them only these are linked. */
  links?: (() => Links) | undefined;
  intervalMs: number;
  /** Checks at the same time. */
  concurrency: number;
  /** Per check. */
  deadlineMs: number;
  allowHosts?: readonly string[];
  allowOrigins?: readonly string[];
  onError: OnError;
};

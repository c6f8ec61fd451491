/** Everything that a request to the registry needs. */
import type { TokenGuard } from '../../oauth/protection.js';
import type { Links } from '../../pages/bar.js';
import type { SignIn } from '../../pages/signin/sign-in.js';
import type { Guard } from '../../wire/http/head.js';
import type { OnError } from '../../wire/log.js';
import type { EntryRepository } from './entry-repository.js';
import type { Events } from './events.js';
import type { RegistryService } from './registry-service.js';
import type { Store } from './store/store.js';

export type Site = {
  repository: EntryRepository;
  service: RegistryService;
  store: Store;
  events: Events;
  /** The public origin, without a trailing slash. */
  origin: string;
  /** The first accepted issuer: people sign in there. */
  issuer: string;
  tokenGuard: TokenGuard;
  signIn: SignIn;
  /** The addresses of the other pages. */
  links: () => Links;
  originGuard: Guard;
  version: string;
  /** Opens the metrics; undefined: there are none here. */
  operatorSecret: string | undefined;
  /** More metrics of the process. */
  collect: () => string;
  /** Whether the store has been read. */
  isOpen: () => boolean;
  ready: () => Promise<void>;
  onError: OnError;
};

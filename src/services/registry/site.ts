/** What a request to the registry is answered from. */
import type { TokenGuard } from '../../oauth/protection.js';
import type { SignIn } from '../../pages/signin/sign-in.js';
import type { Guard } from '../../wire/http/head.js';
import type { EntryRepository } from './entry-repository.js';
import type { Events } from './events.js';
import type { RegistryService } from './registry-service.js';
import type { Store } from './store/store.js';

export type Site = {
  repository: EntryRepository;
  service: RegistryService;
  store: Store;
  events: Events;
  /** By which browsers and programs know it, without a slash at its end. */
  origin: string;
  /** The first of those whose tokens are accepted: where people sign in. */
  issuer: string;
  tokenGuard: TokenGuard;
  signIn: SignIn;
  originGuard: Guard;
  version: string;
  /** Under which metrics are shown; undefined where they are not. */
  operatorSecret: string | undefined;
  /** Whether what is kept has been read. */
  opened: () => boolean;
  ready: () => Promise<void>;
  onError: (error: unknown, about: string) => void;
};

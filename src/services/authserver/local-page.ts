/** A page of this machine, by its origin. Only those may read tokens and register clients: this server is for development. */
import { isLoopback } from '../../oauth/protected-resource.js';

export function isLocalPage(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

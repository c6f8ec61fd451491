/** Which addresses keys and answers about tokens may come from: https, and plain http only within this machine. */
import { isLoopback } from './protected-resource.js';

/** The address, or undefined when it is not one to trust. `plain` lets http be used on loopback. */
export function secureUrl(text: unknown, plain = true): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && plain && isLoopback(url.hostname) ? url : undefined;
}

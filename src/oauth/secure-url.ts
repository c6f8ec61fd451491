/** URLs that keys and introspection answers may come from: https, and plain http only on this machine. */
import { isLoopback } from './protected-resource.js';

/** Undefined when the URL is not secure. `allowsHttp` accepts http on loopback. */
export function secureUrl(text: unknown, allowsHttp = true): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && allowsHttp && isLoopback(url.hostname) ? url : undefined;
}

/** Why the server cannot be reached, as a sentence. */
import { connectionProblem } from '../client/problems.js';

export function whyUnreachable(error: unknown, to: URL): string {
  const { env } = process;
  const proxy =
    to.protocol === 'https:' ? (env.https_proxy ?? env.HTTPS_PROXY) : (env.http_proxy ?? env.HTTP_PROXY);
  const { reason } = connectionProblem(
    error,
    to,
    proxy !== undefined && URL.canParse(proxy) ? new URL(proxy).host : undefined,
  );
  return `${to.origin}: ${reason}`;
}

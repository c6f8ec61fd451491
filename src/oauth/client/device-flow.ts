/**
 * The device flow: a person types a code on a page, on this machine or another, while the client asks for the token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8628
 */
import * as oauth from 'oauth4webapi';
import { AuthorizationError, quoted, toAuthorizationError } from './errors.js';
import { requireGrant, type TokenRequest, type TokenResponse, tokenOptions } from './grants.js';
import type { Settings } from './options.js';
import { type Client, DEVICE_GRANT } from './registration.js';

const DEFAULT_INTERVAL_S = 5;
const MIN_INTERVAL_S = 1;
/** How much longer the interval becomes when the server asks the client to slow down. */
const SLOW_DOWN_S = 5;
/** How far lost connections may stretch the interval. */
const MAX_INTERVAL_S = 60;

export async function deviceFlow(
  request: TokenRequest,
  client: Client,
  settings: Settings,
): Promise<TokenResponse> {
  const { server, resource, scopes, outgoing } = request;
  const { say } = settings.interaction;
  const self = { client_id: client.id };
  const what = `the device flow at ${server.issuer}`;
  requireGrant(server, DEVICE_GRANT);
  if (server.device_authorization_endpoint === undefined)
    throw new AuthorizationError(`${server.issuer} has no "device_authorization_endpoint"`);
  let device: oauth.DeviceAuthorizationResponse;
  try {
    const parameters = { resource, ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }) };
    const response = await oauth.deviceAuthorizationRequest(
      server,
      self,
      client.authentication,
      parameters,
      outgoing.request,
    );
    device = await oauth.processDeviceAuthorizationResponse(server, self, response);
  } catch (error) {
    throw toAuthorizationError(what, error);
  }
  const page = outgoing.safeUrl(device.verification_uri, `"verification_uri" of ${server.issuer}`);
  say(`To sign in, open ${page.href} and enter the code ${quoted(device.user_code)}`);
  if (device.verification_uri_complete !== undefined) {
    const whole = outgoing.safeUrl(device.verification_uri_complete, '"verification_uri_complete"');
    say(`or open ${whole.href} and compare the code`);
  }
  const end = settings.clock().getTime() + Math.min(device.expires_in * 1000, settings.signInMs);
  let intervalS = Math.max(device.interval ?? DEFAULT_INTERVAL_S, MIN_INTERVAL_S);
  for (;;) {
    // An interval may be longer than the time that is left.
    await pause(Math.min(intervalS * 1000, end - settings.clock().getTime()), settings);
    if (settings.clock().getTime() >= end)
      throw new AuthorizationError(`${what} failed: nobody entered the code in time`);
    try {
      const response = await oauth.deviceCodeGrantRequest(
        server,
        self,
        client.authentication,
        device.device_code,
        tokenOptions(request),
      );
      return await oauth.processDeviceCodeResponse(server, self, response);
    } catch (error) {
      const problem = toAuthorizationError(what, error);
      settings.signal?.throwIfAborted();
      if (isConnectionLost(error)) {
        intervalS = Math.max(intervalS, Math.min(intervalS * 2, MAX_INTERVAL_S));
        continue;
      }
      // RFC 8628, section 3.5: both mean that the person is not done yet.
      if (problem.code !== 'authorization_pending' && problem.code !== 'slow_down') throw problem;
      if (problem.code === 'slow_down') intervalS += SLOW_DOWN_S;
    }
  }
}

/** RFC 8628, section 3.5: the client asks again, less often. */
function isConnectionLost(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
}

function pause(ms: number, { after, signal }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

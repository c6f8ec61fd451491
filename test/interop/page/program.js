/**
 * The official TypeScript client, version 2, in a web page: it calls the tool that the address names, goes away to have
 * a person asked whenever the client wants that, and says how it ended once it is back.
 */
import {
  Client,
  StreamableHTTPClientTransport as Http,
  UnauthorizedError,
} from '@modelcontextprotocol/client';

const here = `${location.origin}/`;
const kept = (name) => JSON.parse(sessionStorage.getItem(name) ?? 'null') ?? undefined;
const keep = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));

const provider = {
  redirectUrl: here,
  clientMetadata: {
    client_name: 'A page',
    redirect_uris: [here],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  clientInformation: () => kept('client'),
  saveClientInformation: (client) => keep('client', client),
  tokens: () => kept('tokens'),
  saveTokens: (tokens) => keep('tokens', tokens),
  codeVerifier: () => kept('verifier'),
  saveCodeVerifier: (verifier) => keep('verifier', verifier),
  discoveryState: () => kept('discovered'),
  saveDiscoveryState: (discovered) => keep('discovered', discovered),
  redirectToAuthorization: (address) => location.assign(address),
};

const came = new URLSearchParams(location.search);
if (came.has('server')) keep('wanted', Object.fromEntries(came));
const { server, name, args } = kept('wanted');

function say(outcome) {
  document.querySelector('#said').textContent = JSON.stringify(outcome);
}

async function run() {
  if (came.has('iss')) await new Http(new URL(server), { authProvider: provider }).finishAuth(came);
  history.replaceState(null, '', '/');
  const client = new Client({ name: 'page', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new Http(new URL(server), { authProvider: provider }));
  const { structuredContent } = await client.callTool({ name, arguments: JSON.parse(args) });
  say({ done: structuredContent });
}

run().catch((error) => {
  // The browser is on its way to the authorization server.
  if (!(error instanceof UnauthorizedError)) say({ failed: String(error) });
});

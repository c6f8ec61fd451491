/** Which servers run, their addresses, and who is responsible for them. */
import { SERVICES, topic } from '../setting.js';
import { oneOf, PORT, PUBLIC_URL, SLO, SWITCH, secret, text } from '../types.js';

export const servers = topic('servers', 'Servers and their addresses', (setting) => ({
  only: setting('only', oneOf(...SERVICES), {
    help: 'Start one service instead of all four.',
  }),
  stdio: setting('stdio', SWITCH, {
    default: 'false',
    help: 'Speak MCP on stdin and stdout instead of HTTP. Serves readonly unless --only names destructive.',
  }),
  stdioToken: setting('stdio-token', secret('TOKEN'), {
    help: 'Access token of the client on stdio. Without one, the client may call every tool that needs no approval.',
  }),
  host: setting('host', text('ADDRESS'), {
    default: '127.0.0.1',
    help: 'Address to listen on. Beyond loopback, --issuer and the public URLs of all servers are required.',
  }),
  readonlyPort: setting('readonly-port', PORT, {
    default: 3000,
    help: 'Port of the readonly server. For each port, 0 picks a free one.',
  }),
  destructivePort: setting('destructive-port', PORT, {
    default: 3001,
    help: 'Port of the destructive server.',
  }),
  readonlyUrl: setting('readonly-url', PUBLIC_URL, {
    defaultText: 'the address it listens on',
    help: 'Public URL of the readonly endpoint, which is also the audience of its tokens.',
  }),
  destructiveUrl: setting('destructive-url', PUBLIC_URL, {
    defaultText: 'the address it listens on',
    help: 'Public URL of the destructive endpoint, which is also the audience of its tokens.',
  }),
  owner: setting('owner', text('TEXT'), {
    default: 'whoever runs this demo; --owner names a team',
    help: 'Who is responsible for the servers, and how to reach them. Published in their manifests.',
  }),
  slo: setting('slo', SLO, {
    default: '99,1000',
    help: 'What the owner promises over 30 days, published in the manifests: the percentage of requests that are answered, and the milliseconds within which 99 % of them are.',
  }),
}));

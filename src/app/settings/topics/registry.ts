/** The registry of MCP servers, and how servers follow it. */
import { topic } from '../setting.js';
import {
  CLIENT,
  CREDENTIALS,
  count,
  FILE,
  FOLDER,
  KEYS,
  list,
  milliseconds,
  PORT,
  PUBLIC_URL,
  SWITCH,
} from '../types.js';

export const registry = topic('registry', 'Registry', (setting) => ({
  registryPort: setting('registry-port', PORT, { default: 3002, help: 'Port of the registry.' }),
  registryUrl: setting('registry-url', PUBLIC_URL, {
    help: 'Public URL of the registry: an origin without a path. A server that starts alone follows a registry only when this is set.',
  }),
  registryRequired: setting('registry-required', SWITCH, {
    default: 'false',
    help: 'Refuse all calls while the registry does not answer or does not know the server. By default its last answer stays in force.',
  }),
  registryDir: setting('registry-dir', FOLDER, {
    defaultText: '~/.local/state/barewire/registry',
    help: 'Folder in which the registry keeps its data when there is no DATABASE_URL.',
  }),
  registryServers: setting('registry-servers', FILE, {
    help: 'JSON {"servers": ["https://…"]}: servers to add. The file is read again when it changes.',
  }),
  registryNetworks: setting('registry-allow-network', list('CIDR,…'), {
    default: '',
    help: 'Internal networks, such as 10.2.0.0/16, in which the registry may contact servers, also over http. Loopback is allowed when the registry itself is on loopback.',
  }),
  registryIntervalMs: setting('registry-interval-ms', milliseconds(100), {
    default: 60_000,
    help: 'Time between two checks of a server that answers.',
  }),
  registryConcurrency: setting('registry-concurrency', count(1, 1_000), {
    default: 32,
    help: 'Servers that are checked at the same time.',
  }),
  registryCheckMs: setting('registry-check-ms', milliseconds(50, 600_000), {
    default: 10_000,
    help: 'Time limit for the check of one server.',
  }),
  registryClient: setting('registry-client', CREDENTIALS, {
    neededBy: ['registry'],
    help: 'Client with which the registry gets tokens from the first issuer (client credentials), to ask servers for their tools.',
  }),
  registryPagesClient: setting('registry-pages-client', CLIENT, {
    neededBy: ['registry'],
    help: "Client of the registry's pages at the first issuer, registered with the redirect URI <origin>/callback.",
  }),
  registryKeys: setting('registry-keys', KEYS, {
    default: '',
    neededBy: ['registry'],
    defaultText: 'each process generates its own',
    help: "Secrets of 32 bytes in base64url for sign-ins on the registry's pages; replicas of the registry share them. The first seals, all open.",
  }),
}));

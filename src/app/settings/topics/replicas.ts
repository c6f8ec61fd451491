/** What several processes that act as one server must agree on. */
import { topic } from '../setting.js';
import { KEYS, text } from '../types.js';

export const replicas = topic('replicas', 'Replicas', (setting) => ({
  replica: setting('replica', text('NAME'), {
    defaultText: 'the first free one of HOST, HOST-2, …',
    help: 'Name of this process, which keeps its audit files apart from those of its replicas.',
  }),
  stateKeys: setting('state-keys', KEYS, {
    default: '',
    neededBy: ['readonly', 'destructive'],
    defaultText: 'each process generates its own',
    help: 'Secrets of 32 bytes in base64url for requestState; the replicas of an MCP server share them. The first seals, all open.',
  }),
}));

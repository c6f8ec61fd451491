/** `ping`: still there? Legacy only; in 2026-07-28 it is an unknown method (changelog/002). */
import type { Method } from '../mcp-server.js';

export const ping: Method = { name: 'ping', eras: ['legacy'], handle: () => ({}) };

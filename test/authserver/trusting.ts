/** An authorization server in a process of its own, which trusts what NODE_EXTRA_CA_CERTS names. Ends with its stdin. */
import { run } from './running.js';

const server = await run();
console.log(JSON.stringify({ issuer: server.issuer }));
process.stdin.resume().once('end', () => void server.close());

/** `npm run bench -- NAME`: one benchmark by its name. What they measure is in their own headers. */
import { benchRegistry } from './registry.js';

const BENCHES: { [name: string]: (argument?: string) => Promise<void> } = {
  registry: (servers) => benchRegistry(servers === undefined ? undefined : Number(servers)),
};

const [name = '', argument] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}`);
  process.exitCode = 2;
} else await bench(argument);

/** Stands in for a browser: a person signs in, agrees, and the browser goes where that leads. */
import { authorize } from '../support/person.js';

const [address = ''] = process.argv.slice(2);
await (await fetch(await authorize(address))).text();

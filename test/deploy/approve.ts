/** Approves a call as a person does, in a process of its own, whose NODE_EXTRA_CA_CERTS is that of a reader: `approve.ts PAGE ISSUER`. */
import { ApproverPerson } from '../support/approver.js';

const [page = '', issuer = ''] = process.argv.slice(2);
await new ApproverPerson(new URL(page).origin, issuer).decide(page);

/** The walkthrough's approver, for the tests. */
export { ApproverPerson } from '../../src/walkthrough/approver.js';

/** The walkthrough's approver, for the tests. */
export { ApproverPerson } from '../../src/app/theatre/approver.js';

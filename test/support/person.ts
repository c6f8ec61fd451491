/** The walkthrough's person at a browser, for the tests. */
export * from '../../src/walkthrough/person.js';

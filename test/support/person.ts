/** The walkthrough's person at a browser, for the tests. */
import { type Arrival, type Browser, type Credentials, PERSON } from '../../src/app/theatre/person.js';

export * from '../../src/app/theatre/person.js';

/** Types the password where it is asked for, and returns the next page. */
export async function signIn(
  browser: Browser,
  arrival: Arrival,
  { login, password }: Credentials = PERSON,
): Promise<Arrival> {
  if (!('page' in arrival)) throw new Error(`expected a page, left for ${arrival.left}`);
  return browser.press(arrival.page, { login, password }, { name: 'do', value: 'login' });
}

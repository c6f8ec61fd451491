/** Who can sign in: a few of the demo company's employees, all with one password. */
import { hash, timingSafeEqual } from 'node:crypto';

export type Person = { email: string; name: string; title: string };

export const TENANT = 'demo';
export const PUBLIC_PASSWORD = 'demo';

export const PEOPLE: readonly Person[] = [
  { email: 'amara.patel1@example.com', name: 'Amara Patel', title: 'Engineering Manager, Payments' },
  { email: 'dara.yilmaz7@example.com', name: 'Dara Yilmaz', title: 'Staff Engineer, Platform' },
  { email: 'elif.ueda9@example.com', name: 'Elif Ueda', title: 'Site Reliability Engineer, Operations' },
];

export function findPerson(email: string): Person | undefined {
  return PEOPLE.find((one) => one.email === email.trim().toLowerCase());
}

export function signIn(email: string, attempt: string, password: string): Person | undefined {
  const [received, expected] = [hash('sha256', attempt, 'buffer'), hash('sha256', password, 'buffer')];
  return timingSafeEqual(received, expected) ? findPerson(email) : undefined;
}

/** The password, if the pages may show it: only the default one is public. */
export function publicPassword(password: string): string | undefined {
  return password === PUBLIC_PASSWORD ? password : undefined;
}

/** Who can sign in: a few of the demo company's employees, all with one password, which the page shows unless it was set. */
import { createHash, timingSafeEqual } from 'node:crypto';

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

export function signIn(email: string, given: string, password: string): Person | undefined {
  return timingSafeEqual(digest(given), digest(password)) ? findPerson(email) : undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** What the pages say of the password: itself, where everybody may know it. */
export function publicPassword(password: string): string | undefined {
  return password === PUBLIC_PASSWORD ? password : undefined;
}

/** Problems when a person signs in or out, in the words that the pages show. */
import { preview } from '../../wire/value.js';
import type { Problem } from '../reply.js';

export const STALE: Problem = {
  status: 400,
  title: 'This sign-in cannot be finished',
  problem: 'It took too long, was completed already, or was started in another tab or browser. Start again.',
};
export const UNREACHABLE: Problem = {
  status: 503,
  title: 'Signing in is not possible right now',
  problem: 'The authorization server does not answer as it should. Try again in a moment.',
};
export const HERE_ONLY: Problem = {
  status: 503,
  title: 'Signed out in this browser only',
  problem:
    'The server cannot record right now that this session has ended, so a copy of it works until it expires.',
};
export const FAILED: Problem = {
  status: 502,
  title: 'Signing in did not work',
  problem: 'The authorization server issued no token for these pages. The log of this server says why.',
};
export const UNUSABLE: Problem = {
  status: 502,
  title: 'Signing in did not work',
  problem:
    'The authorization server issued a token that is not for this server. The log says what it is for.',
};

export function denied(error: string, scope: string): Problem {
  return {
    status: 403,
    title: 'You were not signed in',
    problem: `The authorization server answered ${preview(error)} when it was asked for the scope ${scope}.`,
  };
}

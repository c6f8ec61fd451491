/** What the caller has to do after a decision, or where it reads of it, in words for people who decide. */
import type { Approval } from './approval.js';

const BY_ITSELF = 'which it does by itself once its user goes on there';
const APPROVED = {
  waits: 'The call was waiting for this and goes on by itself, unless its caller has left.',
  returns: `The call runs when its client asks for the result, ${BY_ITSELF}.`,
  repeats: 'The caller has to send the same call again. It then runs, once. So let the caller know.',
};

/** Undefined while nobody has decided, and in rows of earlier versions, which do not say how their call goes on. */
export function callerStep({ state, resumes, comment }: Approval): string | undefined {
  if (resumes === undefined) return undefined;
  if (state === 'approved') return APPROVED[resumes];
  if (state !== 'refused') return undefined;
  const what = comment ? 'the reason' : 'of the refusal';
  const texts = {
    waits: `The call was waiting for this and has ended. The caller reads ${what} in its error.`,
    returns: `The caller reads ${what} when its client asks for the result, ${BY_ITSELF}.`,
    repeats: `The caller reads ${what} when it sends the call again.`,
  };
  return texts[resumes];
}

/** What anybody sees at the address of a page: nothing of what stands there, and why a script is needed to see more. */
import { html } from '../../../pages/html.js';
import { page, type Step } from './layout.js';

export function closedPage(step: Step): string {
  const title = step === 'closed' ? 'Approvals' : 'Signing in';
  return page(
    { title, step },
    html`<h1>${title}</h1>
<noscript><p class="box bad">These pages need JavaScript. Your browser keeps the proof of who you are for exactly this address, and only a script can show it. A cookie would also go to every other program that listens on this machine.</p></noscript>
<p id="said" role="status" class="soft"></p>`,
  );
}

/**
 * The device flow's pages: typing the code, and comparing it before anybody signs in or allows anything. A code in the
 * address is compared too, because the address may come from a stranger.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-5.4
 */
import { html } from '../../../pages/html.js';
import { alert, hidden, page } from './layout.js';

export type CodePage = { csrf: string; code?: string | undefined; problem?: string | undefined };

export function codePage({ csrf, code, problem }: CodePage): string {
  return page(
    'Connect a device',
    html`${alert(problem)}
<form method="post" action="/device">
${hidden({ xsrf: csrf })}
<label for="user_code">The code that your device or terminal shows</label>
<input id="user_code" name="user_code" class="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required value="${code ?? ''}">
<div class="actions"><button class="main">Continue</button></div>
</form>`,
  );
}

export function comparePage({
  csrf,
  code,
  clientName,
}: {
  csrf: string;
  code: string;
  clientName: string;
}): string {
  return page(
    'Is this your code?',
    html`<p><strong>${clientName}</strong> asks for access, and shows this code:</p>
<p class="code">${code}</p>
<p>Continue only if you see the same code on your own device or in your own terminal. If somebody sent you here, it is not yours.</p>
<form method="post" action="/device">
${hidden({ xsrf: csrf, user_code: code })}
<div class="actions">
<button class="main" name="confirm" value="yes">Yes, continue</button>
<button name="abort" value="yes">No, refuse it</button>
</div>
</form>`,
  );
}

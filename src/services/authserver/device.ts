/**
 * The pages that the library asks for: errors, and the device flow. A person types the code and compares it
 * before anything else. A code in the address is compared too, because a stranger may have sent the address.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.3
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-5.4
 */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Links, Page } from '../../pages/bar.js';
import { html } from '../../pages/html.js';
import { clientNameOf } from './consent.js';
import { alert, hiddenInputs, notice, page, refusal } from './pages.js';

/** The library answers `user_code` with a page that submits itself by script; this parameter gets ours. */
export const CODE_PARAMETER = 'shown';

const PROBLEMS: { [name: string]: string } = {
  NoCodeError: 'Type the code first.',
  NotFoundError: 'There is no such code. Check it against your device.',
  ExpiredError: 'This code has expired. Ask your device for a new one.',
  AlreadyUsedError: 'This code was used already. Ask your device for a new one.',
};

const REFUSED = notice('Refused', 'You refused, and your device knows. You can close this page.');
const DONE = notice('Done', 'Your device has what it asked for. You can close this page.');

/** The library's hooks. `links`: the addresses of the other pages. */
export function createDevicePages(links: () => Links) {
  function send(ctx: KoaContextWithOIDC, status: number, page: Page): void {
    ctx.status = status;
    ctx.type = 'html';
    ctx.body = page(links());
  }

  /** The session that the form belonged to has ended, or belongs to another browser. */
  function sendExpired(ctx: KoaContextWithOIDC): void {
    // The library would save the form's token in that session.
    Object.assign(ctx.oidc.session ?? {}, { touched: false });
    const problem = ctx.status >= 500 ? 'Something went wrong in this server.' : 'This page has expired.';
    const advice = `Start again at ${ctx.oidc.issuer}/device with the code that your device shows.`;
    send(ctx, Math.max(ctx.status, 400), refusal('This did not work', problem, advice));
  }

  async function compare(ctx: KoaContextWithOIDC, csrf: string, input: string): Promise<void> {
    const { provider } = ctx.oidc;
    const plain = input.toUpperCase().replace(/\W/g, '');
    const deviceCode = await provider.DeviceCode.findByUserCode(plain, { ignoreExpiration: true });
    const client = deviceCode?.clientId && (await provider.Client.find(deviceCode.clientId));
    if (!client) return send(ctx, 400, codePage(csrf, input, PROBLEMS.NotFoundError));
    const code = `${plain.slice(0, 4)}-${plain.slice(4)}`;
    send(ctx, 200, comparePage(csrf, code, clientNameOf(client)));
  }

  const deviceFlow: NonNullable<Configuration['features']>['deviceFlow'] = {
    enabled: true,
    charset: 'base-20',
    mask: '****-****',
    deviceInfo: () => ({}),
    userCodeInputSource: async (ctx, _form, _out, error) => {
      if (error?.name === 'AbortedError') return send(ctx, 200, REFUSED);
      const csrf = csrfOf(ctx);
      if (error === undefined) {
        const code = ctx.query[CODE_PARAMETER];
        if (typeof code === 'string') return compare(ctx, csrf, code);
        return send(ctx, 200, codePage(csrf));
      }
      const problem = PROBLEMS[error.name];
      if (problem === undefined || ctx.oidc.session?.exp === undefined) return sendExpired(ctx);
      const code = 'userCode' in error && typeof error.userCode === 'string' ? error.userCode : undefined;
      send(ctx, 400, codePage(csrf, code, problem));
    },
    userCodeConfirmSource: (ctx, _form, client, _info, code) =>
      send(ctx, 200, comparePage(csrfOf(ctx), code, clientNameOf(client))),
    successSource: (ctx) => send(ctx, 200, DONE),
  };

  const renderError: NonNullable<Configuration['renderError']> = (ctx, out) => {
    const problem = out.error_description ?? 'No more is known.';
    const advice = `The error is called ${out.error}. Go back to the program that sent you here, and start again.`;
    send(ctx, ctx.status, refusal('This did not work', problem, advice));
  };

  return { deviceFlow, renderError };
}

function csrfOf({ oidc }: KoaContextWithOIDC): string {
  return String(oidc.session?.state?.secret ?? '');
}

function codePage(csrf: string, code = '', problem?: string): Page {
  return page(
    'Connect a device',
    html`${alert(problem)}
<form method="post" action="/device">
${hiddenInputs({ xsrf: csrf })}
<label for="user_code">The code that your device or terminal shows</label>
<input id="user_code" name="user_code" class="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required value="${code}">
<div class="actions"><button class="btn go">Continue</button></div>
</form>`,
  );
}

function comparePage(csrf: string, code: string, clientName: string): Page {
  return page(
    'Is this your code?',
    html`<p><strong>${clientName}</strong> asks for access, and shows this code:</p>
<p class="code">${code}</p>
<p>Continue only if you see the same code on your own device or in your own terminal. If somebody sent you here, it is not yours.</p>
<form method="post" action="/device">
${hiddenInputs({ xsrf: csrf, user_code: code })}
<div class="actions">
<button class="btn go" name="confirm" value="yes">Yes, continue</button>
<button class="btn" name="abort" value="yes">No, refuse it</button>
</div>
</form>`,
  );
}

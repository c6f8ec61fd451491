/**
 * The pages that the library itself asks for: the device flow's, and those that say what went wrong. An address that
 * holds the code leads straight to comparing it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.3
 */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { clientNameOf } from './consent.js';
import { codePage, comparePage } from './pages/device.js';
import { notice, refusal } from './pages/layout.js';

/** The library answers `user_code` in an address with a page that submits itself by script; this one is ours. */
export const SHOWN_CODE = 'shown';
const MASK = '****-****';

const PROBLEMS: { [name: string]: string } = {
  NoCodeError: 'Type the code first.',
  NotFoundError: 'There is no such code. Check it against your device.',
  ExpiredError: 'This code has expired. Ask your device for a new one.',
  AlreadyUsedError: 'This code was used already. Ask your device for a new one.',
};

export const deviceFeature = {
  enabled: true,
  charset: 'base-20',
  mask: MASK,
  deviceInfo: () => ({}),
  userCodeInputSource: async (ctx, _form, _out, error) => {
    if (error?.name === 'AbortedError') {
      show(ctx, 200, notice('Refused', 'Your device is told that you said no. You can close this page.'));
      return;
    }
    const csrf = secretOf(ctx);
    const problem = error && PROBLEMS[error.name];
    if (error !== undefined && (problem === undefined || ctx.oidc.session?.exp === undefined)) {
      lost(ctx);
      return;
    }
    if (error !== undefined) {
      const code = 'userCode' in error && typeof error.userCode === 'string' ? error.userCode : undefined;
      show(
        ctx,
        400,
        codePage({ csrf, ...(problem && { problem }), ...(code === undefined ? {} : { code }) }),
      );
      return;
    }
    const shown = ctx.query[SHOWN_CODE];
    if (typeof shown !== 'string') show(ctx, 200, codePage({ csrf }));
    else await compare(ctx, csrf, shown);
  },
  userCodeConfirmSource: (ctx, _form, client, _info, code) => {
    show(ctx, 200, comparePage({ csrf: secretOf(ctx), code, clientName: clientNameOf(client) }));
  },
  successSource: (ctx) => {
    show(ctx, 200, notice('Done', 'Your device has what it asked for. You can close this page.'));
  },
} satisfies NonNullable<Configuration['features']>['deviceFlow'];

/** Whatever the form was about is gone: the session has ended, or it is another browser's. */
function lost(ctx: KoaContextWithOIDC): void {
  // The library would save a token for the form, in a session that may never have been; there is no form.
  Object.assign(ctx.oidc.session ?? {}, { touched: false });
  const words = ctx.status >= 500 ? 'Something went wrong in this server.' : 'This page has expired.';
  show(
    ctx,
    Math.max(ctx.status, 400),
    refusal(
      'This did not work',
      words,
      `Start again at ${ctx.oidc.issuer}/device with the code that your device shows.`,
    ),
  );
}

async function compare(ctx: KoaContextWithOIDC, csrf: string, shown: string): Promise<void> {
  const { provider } = ctx.oidc;
  const wanted = shown.toUpperCase().replace(/\W/g, '');
  const found = await provider.DeviceCode.findByUserCode(wanted, { ignoreExpiration: true });
  const client = found?.clientId === undefined ? undefined : await provider.Client.find(found.clientId);
  if (found === undefined || client === undefined) {
    show(ctx, 400, codePage({ csrf, code: shown, problem: String(PROBLEMS.NotFoundError) }));
    return;
  }
  const code = `${wanted.slice(0, 4)}-${wanted.slice(4)}`;
  show(ctx, 200, comparePage({ csrf, code, clientName: clientNameOf(client) }));
}

export const renderError: NonNullable<Configuration['renderError']> = (ctx, out) => {
  const words = out.error_description ?? 'No more is known.';
  const { status } = ctx;
  show(
    ctx,
    status,
    refusal(
      'This did not work',
      words,
      `The error is called ${out.error}. Go back to the program that sent you here, and start again.`,
    ),
  );
};

function show(ctx: KoaContextWithOIDC, status: number, page: string): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = page;
}

function secretOf({ oidc }: KoaContextWithOIDC): string {
  return String(oidc.session?.state?.secret ?? '');
}

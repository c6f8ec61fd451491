/** Signing out of this server's pages. Tokens live on, since they are the clients'. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Forms } from './forms.js';
import { refusal } from './pages/layout.js';
import { signOutPage } from './pages/login.js';
import { sendPage } from './reply.js';

export async function answerSignOut(
  provider: Provider,
  forms: Forms,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(request, response));
  const about = `signout ${session.uid}`;
  if (request.method === 'POST') {
    if ((await forms.read(request, about)) === undefined) {
      return sendPage(
        response,
        403,
        refusal('Not accepted', 'This did not come from the page that was shown to you.'),
      );
    }
    await session.destroy();
    return sendPage(response, 200, signOutPage('', undefined));
  }
  sendPage(response, 200, signOutPage(forms.token(about), session.accountId));
}

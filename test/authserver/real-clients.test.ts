/** The authorization code of two real MCP clients against the server, from nothing but a resource's address. */
import { createServer } from 'node:http';
import { type OAuthClientProvider as NewProvider, auth as newAuth } from '@modelcontextprotocol/client';
import {
  type OAuthClientProvider as OldProvider,
  auth as oldAuth,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { authorize, PERSON } from '../support/person.js';
import { CALLBACK, claimsOf, run } from './running.js';

const test = suite('authserver/real-clients');

type Step = { code?: string; iss?: string; scope?: string };
type Kept = { verifier: string; opened: string; tokens?: { access_token: string } };
/** One step of a client's authorization; what it keeps is seen from outside. */
type Client = (serverUrl: string) => {
  kept: Kept;
  step: (step?: Step) => Promise<string>;
  forget: () => void;
};

const METADATA = {
  client_name: 'A real client',
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  scope: 'notes:read', // sent along at registration
};

const CLIENTS: { [name: string]: Client } = {
  '@modelcontextprotocol/sdk': (serverUrl) => {
    const kept: Kept = { verifier: '', opened: '' };
    let information: Awaited<ReturnType<OldProvider['clientInformation']>>;
    let tokens: Awaited<ReturnType<OldProvider['tokens']>>;
    const provider: OldProvider = {
      redirectUrl: CALLBACK,
      clientMetadata: METADATA,
      clientInformation: () => information,
      saveClientInformation: (saved) => {
        information = saved;
      },
      tokens: () => tokens,
      saveTokens: (saved) => {
        tokens = saved;
        kept.tokens = saved;
      },
      redirectToAuthorization: (url) => {
        kept.opened = url.href;
      },
      saveCodeVerifier: (verifier) => {
        kept.verifier = verifier;
      },
      codeVerifier: () => kept.verifier,
    };
    const step = ({ code, scope }: Step = {}) =>
      oldAuth(provider, {
        serverUrl,
        ...(code === undefined ? {} : { authorizationCode: code }),
        ...(scope === undefined ? {} : { scope }),
      });
    const forget = () => {
      tokens = undefined;
    };
    return { kept, step, forget };
  },
  '@modelcontextprotocol/client': (serverUrl) => {
    const kept: Kept = { verifier: '', opened: '' };
    let information: Awaited<ReturnType<NewProvider['clientInformation']>>;
    let tokens: Awaited<ReturnType<NewProvider['tokens']>>;
    let discovery: Awaited<ReturnType<NonNullable<NewProvider['discoveryState']>>>;
    const provider: NewProvider = {
      redirectUrl: CALLBACK,
      clientMetadata: METADATA,
      clientInformation: () => information,
      saveClientInformation: (saved) => {
        information = saved;
      },
      tokens: () => tokens,
      saveTokens: (saved) => {
        tokens = saved;
        kept.tokens = saved;
      },
      redirectToAuthorization: (url) => {
        kept.opened = url.href;
      },
      saveCodeVerifier: (verifier) => {
        kept.verifier = verifier;
      },
      codeVerifier: () => kept.verifier,
      saveDiscoveryState: (saved) => {
        discovery = saved;
      },
      discoveryState: () => discovery,
    };
    const step = ({ code, iss, scope }: Step = {}) =>
      newAuth(provider, {
        serverUrl,
        ...(code === undefined ? {} : { authorizationCode: code }),
        ...(iss === undefined ? {} : { iss }),
        ...(scope === undefined ? {} : { scope, forceReauthorization: true }),
      });
    const forget = () => {
      tokens = undefined;
    };
    return { kept, step, forget };
  },
};

for (const [name, create] of Object.entries(CLIENTS)) {
  test(`${name} registers, is allowed by a person, refreshes, and asks for more`, async () => {
    let issuer = '';
    let resource = '';
    const site = createServer((request, response) => {
      if (request.url !== '/.well-known/oauth-protected-resource/mcp') return response.writeHead(404).end();
      response.setHeader('content-type', 'application/json');
      const metadata = { resource, authorization_servers: [issuer], scopes_supported: ['notes:read'] };
      return response.end(JSON.stringify(metadata));
    });
    resource = `http://localhost:${await listen(site, 0, '127.0.0.1')}/mcp`;
    const server = await run({
      resources: () => [{ resource, name: 'Notes', tools: [], scopes: ['notes:read', 'notes:write'] }],
    });
    issuer = server.issuer;
    try {
      const { kept, step, forget } = create(resource);
      const allow = async (): Promise<void> => {
        const { searchParams } = new URL(await authorize(kept.opened, PERSON));
        const [code = '', iss = ''] = [searchParams.get('code') ?? '', searchParams.get('iss') ?? ''];
        assert.is(await step({ code, iss }), 'AUTHORIZED');
      };
      assert.is(await step(), 'REDIRECT');
      await allow();
      const first = claimsOf(kept.tokens?.access_token);
      assert.equal([first.aud, first.scope, first.sub], [resource, 'notes:read', PERSON.login]);

      assert.is(await step(), 'AUTHORIZED', 'by its refresh token');
      assert.is.not(claimsOf(kept.tokens?.access_token).jti, first.jti);

      forget();
      assert.is(await step({ scope: 'notes:read notes:write' }), 'REDIRECT');
      await allow();
      assert.is(claimsOf(kept.tokens?.access_token).scope, 'notes:read notes:write');
      assert.equal(server.errors, []);
    } finally {
      await Promise.all([server.close(), close(site, 0)]);
    }
  });
}

test.run();

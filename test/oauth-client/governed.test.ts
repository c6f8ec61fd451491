/** From a bare address to an approved change: the wire's client with a token source, against the governed servers, in both eras. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, ClientError, connectHttp } from '../../src/client/index.js';
import type { TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import type { Revision } from '../../src/wire/revisions.js';
import { isRecord } from '../../src/wire/value.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { personAt, type Recorded } from './site.js';

const test = suite('oauth-client/governed');
let servers: Governed;
test.before(async () => {
  // A call without approval is refused, and does not wait for an approver.
  servers = await startGoverned({ approval: 'token' });
});
test.after(() => servers.close());

function connect(
  url: URL,
  revision: Revision,
  interaction: Recorded,
  options: Partial<TokenSourceOptions> = {},
): Promise<Client> {
  const tokens = createTokenSource(url, { interaction, ...options });
  return connectHttp(url, { clientInfo: { name: 'test', version: '1' }, revision, tokens });
}

const issueOf = (summary: string) => ({ project: 'OPS', type: 'Task', summary });
const scopesOf = ({ opened }: Recorded): (string | null)[] =>
  opened.map((url) => url.searchParams.get('scope'));

for (const revision of ['2026-07-28', '2025-11-25'] as const) {
  test(`${revision}: a person signs in once, and every request of the client has the token`, async () => {
    const interaction = personAt();
    const client = await connect(servers.readonly.url, revision, interaction);
    try {
      const result = await client.callTool('jira.search', { jql: 'project = OPS' });
      assert.is.not(result.isError, true, JSON.stringify(result.content));
      const names: unknown[] = [];
      for await (const { name } of client.list('tools/list')) names.push(name);
      assert.ok(names.includes('jira.search'));
      assert.is(interaction.opened.length, 1);
    } finally {
      await client.close();
    }
  });

  test(`${revision}: a change asks for more scopes, and for a person's approval`, async () => {
    const interaction = personAt();
    const client = await connect(servers.destructive.url, revision, interaction, { scopes: ['jira:write'] });
    try {
      const result = await client.callTool('jira.create', issueOf('By the client'));
      assert.is.not(result.isError, true, JSON.stringify(result.content));
      assert.ok(isRecord(result.structuredContent));
      assert.equal(
        scopesOf(interaction).map((scope) => scope?.includes('approved:by:human')),
        [false, true],
      );
    } finally {
      await client.close();
    }
  });
}

test('a client with a secret of its own gets what it may have, and a refusal that stands for the rest', async () => {
  const interaction = personAt();
  const demo = { clientId: 'demo', clientSecret: 'demo-secret', grant: 'client_credentials' as const };
  const client = await connect(servers.destructive.url, '2026-07-28', interaction, demo);
  try {
    const error = await client
      .callTool('jira.create', issueOf('Nobody approves this'))
      .catch((reason: unknown) => reason);
    assert.match(String(error), /only a person can grant approved:by:human/);
    assert.not.instance(error, ClientError);
    assert.is(interaction.opened.length, 0);
  } finally {
    await client.close();
  }
});

test.run();

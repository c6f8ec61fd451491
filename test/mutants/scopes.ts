/**
 * What `npm run mutants` changes, and which tests must notice. `tests` are beginnings of paths; only files that reach a mutant are
 * run for it. `least` is the share of mutants that must be killed, in per cent, those that `equivalent.json` explains left out.
 */
export type Scope = { mutate: string[]; tests: string[]; least: number };

/**
 * Parts of the paths of tests that cannot notice a mutant: they read the text of `src`, which is not the same once Stryker has put mutants
 * into it; they start what is built in `dist`, which has no mutants; or they repeat what others show over a database that takes long to start.
 */
export const EXCEPT = ['policy/removal.test', 'endpoint/memory.test', '-postgres.test', 'on-valkey.test'];

export const SCOPES: Record<string, Scope> = {
  jsonrpc: {
    mutate: ['src/wire/jsonrpc/**/*.ts'],
    tests: ['test/jsonrpc/', 'test/mcp/plain'],
    least: 100,
  },
  http: { mutate: ['src/wire/http/**/*.ts'], tests: ['test/http/', 'test/endpoint/'], least: 90 },
  schema: { mutate: ['src/wire/schema/**/*.ts'], tests: ['test/schema/'], least: 100 },
  oauth: {
    mutate: ['src/oauth/**/*.ts'],
    tests: ['test/auth/', 'test/endpoint/protection', 'test/endpoint/discovery', 'test/oauth-client/'],
    least: 90,
  },
  tokens: {
    mutate: [
      'src/oauth/{verifier,protection,jwt,jwks,token-claims,token-errors,audience,scopes,jwt-svid}.ts',
    ],
    tests: ['test/auth/', 'test/endpoint/protection', 'test/endpoint/discovery'],
    least: 100,
  },
  governance: {
    mutate: ['src/governance/**/*.ts'],
    tests: [
      'test/approval/',
      'test/approver/',
      'test/mcp/waiting-room',
      'test/audit/',
      'test/policy/',
      'test/opa/',
    ],
    least: 90,
  },
  rules: { mutate: ['src/governance/policy/rules.ts'], tests: ['test/policy/'], least: 100 },
  approval: {
    mutate: ['src/governance/approval/*.ts', 'src/governance/approval/waiting/*.ts'],
    tests: [
      'test/approval/',
      'test/approver/',
      'test/mcp/waiting-room',
      'test/endpoint/approvals',
      'test/endpoint/waiting-calls.test',
      'test/authserver/approvals-client',
    ],
    least: 100,
  },
};

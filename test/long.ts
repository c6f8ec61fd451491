/**
 * The files that `npm run test:all` runs and `npm test` leaves out: they take a minute each, or need many processes. Paths are below `test/`,
 * and each list is in the order of CPU time, the longest first. `test/run.test.ts` checks that all of them exist.
 */
const LISTS = {
  'every command of every page': ['pages.test.ts', 'chapters.test.ts', 'readme.test.ts'],
  'a browser': [
    'interop/oauth.test.ts',
    'tap/oauth.test.ts',
    'approver/browser.test.ts',
    'interop/registry-pages.test.ts',
    'interop/oauth-page.test.ts',
    'interop/approvals.test.ts',
    'interop/oauth-refresh.test.ts',
    'registry/pages-browser.test.ts',
    'learn/browser.test.ts',
    'learn/site-browser.test.ts',
    'trace/pages-browser.test.ts',
    'authserver/pages.test.ts',
    'interop/oauth-habits.test.ts',
    'interop/approval-slack.test.ts',
    'pages/browser-files.test.ts',
  ],
  'clients in Python and behind npx': [
    'interop/oauth-python.test.ts',
    'interop/python-legacy.test.ts',
    'interop/oauth-mcp-remote.test.ts',
  ],
  'servers that start, stop and crash': [
    'process/start.test.ts',
    'process/server.test.ts',
    'process/crash.test.ts',
    'audit/crash.test.ts',
    'process/trace.test.ts',
    'learn/served.test.ts',
    'process/proxied.test.ts',
    'process/strays.test.ts',
    'upgrade/upgrade.test.ts',
  ],
  replicas: [
    'replicas.test.ts',
    'interop/other-port.test.ts',
    'approval/replicas.test.ts',
    'interop/forged-sessions.test.ts',
    'process/replicas.test.ts',
    'registry/replicas.test.ts',
    'interop/replicas.test.ts',
    'interop/approval-race.test.ts',
  ],
  'proofs and floods': [
    'proof/proof.test.ts',
    'patterns.test.ts',
    'policy/hostile.test.ts',
    'policy/removal.test.ts',
    'call-path/call-path.test.ts',
    'authserver/registrations.test.ts',
  ],
};

export const LONG: ReadonlySet<string> = new Set(Object.values(LISTS).flat());

/** The order in which the slowest files start. */
export const SLOWEST: readonly string[] = ['wire.test.ts', ...LONG];

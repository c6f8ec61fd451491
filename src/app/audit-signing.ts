/** The keys that sign the audit logs: read at the start, and published, so that others can verify the logs. */
import { createAnchor, sendTo } from '../governance/audit/anchor.js';
import type { Signing } from '../governance/audit/series.js';
import { createHeadSigner, createHeadVerifier, keySetOf, readKey } from '../governance/audit/signed-head.js';
import type { Document } from '../oauth/discovery.js';
import type { OnError } from '../wire/log.js';
import type { Config } from './settings/config.js';
import { readSecretFile } from './settings/sources.js';

export const AUDIT_KEYS_PATH = '/.well-known/barewire-audit-keys';

export type AuditSigning = {
  /** The log of that server; undefined when no key is configured. */
  of(log: string): Promise<Signing | undefined>;
  /** What the servers publish, by path. */
  documents: ReadonlyMap<string, Document>;
};

/** @throws Error that names the setting and the file */
export async function openSigning(
  { auditKeys, auditAnchor }: Config,
  onError: OnError,
): Promise<AuditSigning> {
  const keys = auditKeys.map((path) => {
    const content = readSecretFile(path);
    if ('problem' in content) throw new Error(`--audit-key${content.problem}`);
    if (content.warning !== undefined) onError(content.warning.trim(), 'audit.key-doubtful');
    try {
      return readKey(content.secret);
    } catch (error) {
      throw new Error(`--audit-key ${path}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  });
  const [first] = keys;
  if (first === undefined && auditAnchor !== undefined)
    throw new Error(
      '--audit-anchor: expected --audit-key as well, because only signed heads are kept elsewhere',
    );
  if (first === undefined) return { of: async () => undefined, documents: new Map() };
  const { privateKey } = first;
  if (privateKey === undefined)
    throw new Error(
      '--audit-key: expected a private key first; further keys, which are only published, may be public',
    );
  const keySet = await keySetOf(keys.map(({ publicKey }) => publicKey));
  const verify = await createHeadVerifier(keySet);
  const text = JSON.stringify(keySet);
  const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': 'max-age=60' };
  return {
    documents: new Map([[AUDIT_KEYS_PATH, { text, headers }]]),
    async of(log) {
      const report = (error: Error): void => onError(error, 'audit.anchor-failed', { about: log });
      const anchor = auditAnchor === undefined ? undefined : createAnchor(sendTo(auditAnchor), report);
      return { sign: await createHeadSigner(privateKey, log), verify, anchor };
    },
  };
}

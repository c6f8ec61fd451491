/** Watches the lines of one process. */
import { parseJson } from '../../lesson/json.js';
import { MODERN, type Revision } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import { hear } from './hear.js';
import { lacksRequiredMeta, revisionInBody } from './revision.js';
import { Talk } from './talk.js';
import type { Side, Violation, Witness } from './violation.js';

/** Before anything says which revision is spoken, only what all legacy revisions demand can be judged. */
const OLDEST: Revision = '2024-11-05';

export function createStdioWitness(): Witness {
  const talk = new Talk('stdio', true, true);
  const nothing = (): Violation[] => [];

  function one(by: Side, value: unknown, text: string): Violation[] {
    const context = { by, talk, exchange: undefined };
    if (!isRecord(value)) return hear(value, text, { ...context, revision: talk.revision ?? OLDEST });
    const claim = by === 'client' ? revisionInBody(value) : undefined;
    const revision = claim === undefined ? (talk.revision ?? OLDEST) : (claim.revision ?? MODERN);
    // Nothing here knows what a later revision demands; its requests are only remembered.
    const violations = hear(
      value,
      text,
      { ...context, revision },
      {
        unknownRevision: claim?.unknownRevision,
        lacksMeta: revision === MODERN && lacksRequiredMeta(value),
      },
    );
    return claim?.unknownRevision === undefined ? violations : [];
  }

  return {
    request: nothing,
    response: nothing,
    message: nothing,
    end: nothing,
    line(from, text) {
      const value = parseJson(text);
      const isBatch = Array.isArray(value) && (talk.revision ?? OLDEST) <= '2025-03-26';
      return isBatch ? value.flatMap((part) => one(from, part, text)) : one(from, value, text);
    },
  };
}

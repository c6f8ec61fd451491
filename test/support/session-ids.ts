/** The session ids that servers issue: visible ASCII each, and no two alike (2025-11-25/transports/053). */
import type { Traffic } from '../../src/lesson/player/play.js';

export class SessionIds {
  readonly #issued = new Set<string>();

  /** What is wrong with those in this traffic. */
  problem(traffic: Traffic[]): string | undefined {
    for (const { received } of traffic) {
      const [head = ''] = received.toString('latin1').split('\r\n\r\n', 1);
      for (const [, id = ''] of head.matchAll(/^mcp-session-id: ?(.*)$/gim)) {
        if (!/^[\x21-\x7e]{16,}$/.test(id)) return `session id ${JSON.stringify(id)} is not visible ASCII`;
        if (this.#issued.has(id)) return `session id ${id} was issued before`;
        this.#issued.add(id);
      }
    }
    return undefined;
  }
}

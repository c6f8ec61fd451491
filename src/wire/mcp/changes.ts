/**
 * What changed, told to whoever listens: list changes and updated resources. Here it is one process's; replicas pass
 * it on to each other by whatever feeds `emit`.
 */

import type { Bound } from '../principal.js';
import type { JsonObject } from '../value.js';

export type Change =
  | { kind: 'tools' | 'prompts' | 'resources' }
  | { kind: 'resource'; uri: string }
  /** Only clients that may read the task are notified. */
  | { kind: 'task'; taskId: string; task: JsonObject; bound?: Bound };

export class Changes {
  readonly #listeners = new Set<(change: Change) => void>();

  /** Returns what ends the listening. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(change: Change): void {
    // A copy: a listener may end its listening, or another's.
    for (const listener of [...this.#listeners]) listener(change);
  }
}

/** The notification that tells of a change, without what a subscription adds to it. */
export function changeNotification(change: Change): { method: string; params: JsonObject } {
  if (change.kind === 'resource')
    return { method: 'notifications/resources/updated', params: { uri: change.uri } };
  if (change.kind === 'task') return { method: 'notifications/tasks', params: change.task };
  return { method: `notifications/${change.kind}/list_changed`, params: {} };
}

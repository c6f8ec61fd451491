/** Changes and switches as a reader sees them, with person and reason only for readers who may see those. */
import type { Actor, Change, Switch } from './entry.js';

type Shown<One> = One extends Change ? Omit<One, 'by' | 'reason'> & { by?: Actor; reason?: string } : never;
/** A change as a reader sees it. */
export type ShownChange = Shown<Change>;
export type ShownSwitch = Pick<Switch, 'enabled' | 'at'> & { by?: Actor; reason?: string };

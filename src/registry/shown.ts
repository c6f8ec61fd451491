/** Changes and switches as somebody is shown them: who and why is there for those who may know. */
import type { Actor, Change, Switch } from './entry.js';

type Shown<One> = One extends Change ? Omit<One, 'by' | 'reason'> & { by?: Actor; reason?: string } : never;
/** A change as somebody is shown it. */
export type ShownChange = Shown<Change>;
export type ShownSwitch = Pick<Switch, 'enabled' | 'at'> & { by?: Actor; reason?: string };

/** Runs `tap -- COMMAND`: its stdin and stdout are those of the command, with every message recorded on the side. */
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { eraOf, type Finding, jsonOf, methodOf, type Traced } from '../../../lesson/trace/exchange.js';
import { findingText, type Look, messageText } from '../../../lesson/trace/terminal.js';
import { now } from '../../../wire/clock.js';
import { type ObservationOptions, openObservation } from '../observation.js';
import { type ChildOptions, type Ended, runChild } from './child.js';
import { Lines } from './lines.js';
import { type Side, StdioRecorder } from './recorder.js';

export type StdioTapOptions = Omit<ObservationOptions, 'note'> &
  Omit<ChildOptions, 'onBytes'> & {
    /** Where lines for a person go: never to stdout. */
    stderr: Writable;
  };

export async function runStdioTap(options: StdioTapOptions): Promise<Ended> {
  const { command, terminal, stderr } = options;
  const note = (text: string): void => {
    const line = `barewire tap: ${text}\n`;
    terminal?.write(line);
    if (terminal?.isStderr !== true) stderr.write(line);
  };
  const observation = await openObservation({ ...options, note });
  return observation;
}

/**
 * Reads the sequence diagrams of the chapters, a small part of Mermaid's language, which GitHub draws too: participants, arrows
 * and notes, one per line.
 *
 * @see https://mermaid.js.org/syntax/sequenceDiagram.html
 */
import type { Lane, Row, Sequence } from '../pages/sequence.js';

/** @throws Error with the line that is none of these statements */
export function readSequence(text: string): Sequence {
  const lanes: Lane[] = [];
  const rows: Row[] = [];
  const addLane = (id: string): string => {
    if (!lanes.some((lane) => lane.id === id)) lanes.push({ id, name: id });
    return id;
  };
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line === 'sequenceDiagram' || line.startsWith('%%')) continue;
    const [, id, name] = /^participant (\w+)(?: as (.+))?$/.exec(line) ?? [];
    const [, from, mark, to, message] = /^(\w+) ?(--?>>) ?(\w+): (.+)$/.exec(line) ?? [];
    const [, over, note] = /^Note over ([\w, ]+): (.+)$/.exec(line) ?? [];
    if (id !== undefined) lanes.push({ id, name: name ?? id });
    else if (from !== undefined && to !== undefined && message !== undefined)
      rows.push({
        kind: 'arrow',
        from: addLane(from),
        to: addLane(to),
        text: message,
        answer: mark === '-->>',
      });
    else if (over !== undefined && note !== undefined)
      rows.push({ kind: 'note', over: over.split(',').map((one) => addLane(one.trim())), text: note });
    else throw new Error(`a diagram has no statement such as "${line}"`);
  }
  return { lanes, rows };
}

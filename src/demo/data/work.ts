/** The demo company's issue tracker and its incidents. */
import { type Cell, DAY, drawSome, insert, isoTime, MINUTE, NOW, type Random } from './rows.js';
import * as words from './words.js';

export function tracker(random: Random, staff: number): string[] {
  const issues: Cell[][] = [];
  const comments: Cell[][] = [];
  const perProject = 80;
  for (const [project] of words.PROJECTS) {
    for (let number = 1; number <= perProject; number++) {
      const key = `${project}-${number}`;
      const type = random.pick(['Bug', 'Bug', 'Task', 'Task', 'Story', 'Story', 'Story', 'Epic']);
      const status = random.pick(['To Do', 'To Do', 'In Progress', 'In Review', 'Done', 'Done', 'Done']);
      const created = NOW - random.int(20 * 1440, 390 * 1440) * MINUTE;
      const updated = created + random.int(0, 20 * 1440) * MINUTE;
      const assignee = status === 'To Do' && random.chance(0.6) ? null : random.int(1, staff);
      const verb = random.pick((words.ISSUE_VERBS[type] ?? '').split(','));
      issues.push([
        key,
        project,
        number,
        type,
        `${verb} ${random.pick(words.ISSUE_THINGS)}`,
        random.pick(words.ISSUE_REASONS),
        status,
        random.pick(['Highest', 'High', 'Medium', 'Medium', 'Medium', 'Low', 'Lowest']),
        assignee,
        random.int(1, staff),
        drawSome(random, words.LABELS, random.int(0, 2)),
        isoTime(created),
        isoTime(updated),
      ]);
      for (let left = random.int(0, 3); left > 0; left--) {
        const at = created + random.int(0, (updated - created) / MINUTE) * MINUTE;
        comments.push([
          comments.length + 1,
          key,
          random.int(1, staff),
          random.pick(words.COMMENTS),
          isoTime(at),
        ]);
      }
    }
  }
  const projects = words.PROJECTS.map(([key, name, team]) => [key, name, team + 1, perProject + 1]);
  return [insert('projects', projects), insert('issues', issues), insert('issue_comments', comments)];
}

export function incidents(random: Random, people: Cell[][]): string[] {
  const rows: Cell[][] = [];
  const events: Cell[][] = [];
  const count = 80;
  for (let at = 0; at < count; at++) {
    const id = `INC-${1001 + at}`;
    const service = random.int(1, words.SERVICES.length);
    const [what, summary] = random.pick(words.INCIDENT_KINDS);
    const title = `${words.SERVICES[service - 1]?.[0]}: ${what}`;
    // The last eight are open and the seven before them only acknowledged.
    const status = at >= count - 8 ? 'open' : at >= count - 15 ? 'acknowledged' : 'resolved';
    const openedAt = NOW - (count - at) * 4 * DAY + random.int(0, 3 * 1440) * MINUTE;
    const acknowledgedAt = openedAt + random.int(2, 40) * MINUTE;
    const resolvedAt = acknowledgedAt + random.int(10, 600) * MINUTE;
    const by = random.pick(people)[2] ?? null;
    const severity = random.pick(['SEV1', 'SEV2', 'SEV2', 'SEV3', 'SEV3', 'SEV3', 'SEV4']);
    const isAcknowledged = status !== 'open';
    const over = status === 'resolved';
    rows.push([
      id,
      service,
      title,
      summary,
      severity,
      status,
      isoTime(openedAt),
      isAcknowledged ? isoTime(acknowledgedAt) : null,
      isAcknowledged ? by : null,
      over ? isoTime(resolvedAt) : null,
    ]);
    events.push([id, isoTime(openedAt), 'opened', 'An alert fired.']);
    if (isAcknowledged) events.push([id, isoTime(acknowledgedAt), 'acknowledged', `Taken by ${by}.`]);
    if (over) {
      const notedAt = acknowledgedAt + random.int(1, 9) * MINUTE;
      events.push([id, isoTime(notedAt), 'note', random.pick(words.INCIDENT_NOTES)]);
      events.push([id, isoTime(resolvedAt), 'resolved', 'The alert is quiet again.']);
    }
  }
  return [insert('incidents', rows), insert('incident_events (incident_id, at, kind, detail)', events)];
}

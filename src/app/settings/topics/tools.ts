/** The tools, which of them are on, and what limits a call and a list of them. */
import { BOUNDS } from '../../../wire/server/create-server.js';
import { topic } from '../setting.js';
import { count, FILE, FOLDER, list, milliseconds, SWITCH } from '../types.js';

export const tools = topic('tools', 'Tools', (setting) => ({
  tools: setting('tools', list('FILE,…'), {
    default: '',
    help: 'Modules whose exported tools are served as well.',
  }),
  switches: setting('switches', FILE, {
    help: 'JSON {"disabled": ["tool"]}: tools to switch off. The file is read again when it changes.',
  }),
  bucketRoot: setting('bucket-root', FOLDER, {
    defaultText: 'demo data',
    help: 'Folder whose subfolders s3.list serves as buckets.',
  }),
  strictArguments: setting('strict-arguments', SWITCH, {
    default: 'false',
    help: 'Reject null for an optional argument whose schema forbids it, and null in place of all arguments. By default both count as left out.',
  }),
  toolDeadlineMs: setting('tool-ms', milliseconds(10), {
    default: BOUNDS.toolDeadlineMs,
    help: 'Time limit for a tool call.',
  }),
  tasksPerPrincipal: setting('tasks-per-principal', count(1, 10_000), {
    defaultText: '1000',
    help: 'Tasks of one principal, of the 10000 that each process keeps.',
  }),
  pageSize: setting('page-size', count(1, 10_000), {
    default: BOUNDS.pageSize,
    help: 'Items on one page of a list.',
  }),
  listTtlMs: setting('list-ttl-ms', milliseconds(0), {
    default: BOUNDS.listTtlMs,
    help: 'How long a client may cache a list.',
  }),
}));

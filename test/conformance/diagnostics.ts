/**
 * The tools by which `server-stateless` looks into a server, for the governed ones: loaded with `--tools`, half of them
 * marked as destructive so that either server has its own.
 */
import type { Tool } from '../../src/index.js';
import { askingTools } from './asking-tools.js';
import { contentTools } from './content-tools.js';

const NEEDED = ['test_missing_capability', 'test_logging_tool', 'test_streaming_elicitation'];

export const onReadonly: Tool[] = [...contentTools, ...askingTools].filter(({ name }) =>
  NEEDED.includes(name),
);
export const onDestructive: Tool[] = onReadonly.map((tool) => ({ ...tool, destructive: true }));

/** What a process logged, from its stderr. Other lines, such as those that a tool wrote, are left out. */
export type LogLine = {
  level: string;
  event: string;
  message: string;
  about?: string;
  [field: string]: unknown;
};

export function logLines(stderr: string): LogLine[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{"time":'))
    .map((line) => JSON.parse(line));
}

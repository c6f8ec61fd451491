/** How much work something is, on a machine that does other work as well. */

/** Milliseconds of processor time. Unlike those of a clock, they do not count what the machine does besides. */
export function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The processor time of some work, on a machine that does other work as well. */

/** Milliseconds of processor time. Unlike wall-clock time, it does not include other work of the machine. */
export function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Whether this version of Node can run the program. Imports nothing, so that it also loads in a version that is too old. */

/** The same as `engines` in package.json. */
const NEEDED = { major: 20, minor: 19 };

/** Undefined if it can. `version` is like `20.19.1`. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor)) return undefined;
  return `this is Node ${version}, and barewire needs Node ${NEEDED.major}.${NEEDED.minor} or later`;
}

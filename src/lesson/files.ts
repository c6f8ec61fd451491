/** Where the project's files are, next to the running program: from `src/lesson` and from `dist/lesson`. */
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The chapters, the transcripts and the list of requirements. */
export const FIXTURES = `${ROOT}spec-fixtures`;

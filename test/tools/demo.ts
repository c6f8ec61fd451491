/** The demo company's data in an embedded database of the test's own, which close() throws away. */
import type { Database } from '../../src/demo/database/database.js';
import { openEmbedded } from '../../src/demo/database/embedded.js';

export async function openDemo(): Promise<{ db: Database; close(): Promise<void> }> {
  const db = openEmbedded();
  await db.ready();
  return { db, close: () => db.close() };
}

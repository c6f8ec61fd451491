/**
 * A session of PGlite that uses PostgreSQL's own protocol, so that rows are bounded while they arrive and an error keeps
 * its position. It runs inside the worker thread (embedded-worker.ts).
 */
import { type PGlite, protocol } from '@electric-sql/pglite';
import { DatabaseUnreachable } from './database.js';
import type { Session } from './read-only.js';
import { toDatabaseError } from './sql-states.js';
import type { Cells, Field, Rows } from './values.js';

/** Room for the messages around the rows. */
const SLACK_BYTES = 512 * 1024;

export class PgliteSession implements Session {
  /** The thread ends after this statement. */
  abandoned = false;
  #status = 'I';

  constructor(private readonly database: PGlite) {}

  get inTransaction(): boolean {
    return this.#status !== 'I';
  }

  abandon(): void {
    this.abandoned = true;
  }

  script(sql: string): Promise<void> {
    return this.exchange(protocol.serialize.query(sql)).then(() => undefined);
  }

  query(sql: string, values: Cells, rows: Rows): Promise<Field[]> {
    const { parse, bind, describe, execute, sync } = protocol.serialize;
    const parts = [
      parse({ text: sql }),
      bind({ values: [...values] }),
      describe({ type: 'P' }),
      execute(),
      sync(),
    ];
    return this.exchange(Buffer.concat(parts), rows);
  }

  private async exchange(message: Uint8Array, rows?: Rows): Promise<Field[]> {
    const parser = new protocol.Parser();
    let fields: Field[] = [];
    let failure: Error | undefined;
    let rejection: unknown;
    let bytes = 0;
    const limit = (rows?.maxBytes ?? Number.POSITIVE_INFINITY) + SLACK_BYTES;
    const take = (reply: { name: string }) => {
      if (reply instanceof protocol.messages.DataRowMessage) rows?.add(reply.fields);
      else if (reply instanceof protocol.messages.RowDescriptionMessage) {
        fields = reply.fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID }));
      } else if (reply instanceof protocol.messages.DatabaseError) failure ??= toDatabaseError(reply);
      else if (reply instanceof protocol.messages.ReadyForQueryMessage) this.#status = reply.status;
    };
    const onRawData = (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (rejection !== undefined) return;
      try {
        if (bytes > limit) rows?.cut();
        else parser.parse(chunk.slice(), take);
      } catch (error) {
        rejection = error;
      }
    };
    await this.database.execProtocolRawStream(message, { onRawData });
    if (rejection !== undefined) throw rejection;
    if (failure instanceof DatabaseUnreachable) this.abandon();
    if (failure !== undefined) throw failure;
    return fields;
  }
}

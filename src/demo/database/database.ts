/**
 * The database as the tools see it: one interface over two engines, PGlite in a worker thread (embedded.ts) and a
 * PostgreSQL server (postgres.ts). Both answer the same statement with the same bytes.
 */

export type Column = { name: string; type: string };

/**
 * `rows` holds one array per row, in column order. boolean, int2, int4, float4 and float8 become JSON values, json and
 * jsonb what they contain, null null. Everything else stays the text that PostgreSQL prints under `TimeZone = UTC` and
 * `DateStyle = ISO`: also int8 and numeric, which JavaScript numbers cannot hold, and arrays. A number inside json or
 * jsonb that a double cannot hold is text too: 9007199254740993, 1e400.
 */
export type ResultSet = { columns: Column[]; rows: unknown[][]; truncated: boolean };

/** Who a statement runs for. The context of a tool call is one. */
export type Caller = {
  signal?: AbortSignal;
  /** Unique across issuers. Tenants take turns; callers without a tenant share one turn. */
  tenantKey?: string;
  /** Waits for something the server needs first, without spending the caller's deadline. */
  waitFor?: <T>(needed: Promise<T>) => Promise<T>;
};

export type ReadOptions = Caller & {
  deadlineMs: number;
  /** `truncated` says whether there were more rows. */
  maxRows: number;
  /** Called when the statement's turn has come. Its deadline counts from then. */
  onStart?: () => void;
};

export interface Database {
  /**
   * Runs one untrusted statement (SELECT, VALUES, TABLE or WITH) in a READ ONLY transaction, as a role that may only
   * SELECT the demo schema. The transaction is always rolled back.
   *
   * @throws SqlRefused, SqlFailed, SqlDeadline, DatabaseBusy, DatabaseFailed, DatabaseUnreachable, or the signal's reason
   */
  read(sql: string, params: readonly unknown[], options: ReadOptions): Promise<ResultSet>;
  /** Runs one of our own statements for a caller, as the owner of the demo schema, and commits. */
  run(sql: string, params: readonly unknown[], caller?: Caller): Promise<ResultSet>;
  /**
   * Prepares the data, which takes seconds on the first start on a machine; undefined when that is done. Rejects with
   * DatabaseUnprepared or DatabaseUnreachable, and the next call tries again.
   */
  preparing(): Promise<void> | undefined;
  /**
   * Resolves when the database is reachable and set up, however many statements are waiting for their turn. Rejects
   * when it does not answer within 5 s or is still being prepared after 30 s.
   */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** This server does not run the statement. The message names the rule and is safe to show. */
export class SqlRefused extends Error {
  override readonly name = 'SqlRefused';
}

/** PostgreSQL's own error: message, SQLSTATE, and the 1-based character of the caller's text that it points at. */
export class SqlFailed extends Error {
  override readonly name = 'SqlFailed';
  constructor(
    message: string,
    readonly sqlState: string | undefined,
    readonly position: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class SqlDeadline extends Error {
  override readonly name = 'SqlDeadline';
  constructor(readonly deadlineMs: number) {
    super(`the statement ran longer than ${deadlineMs} ms and was ended`);
  }
}

/** Nothing ran, because too many statements are running and waiting. The caller may try again. */
export class DatabaseBusy extends Error {
  override readonly name = 'DatabaseBusy';
  constructor(
    readonly running: number,
    readonly waiting: number,
    /** Whether the counts are those of the caller's own tenant, which has used up its share. */
    ofTenant = false,
  ) {
    const of = ofTenant ? ' of your tenant' : '';
    const are = (count: number): string =>
      count === 1 ? `1 statement${of} is` : `${count} statements${of} are`;
    super(`the database is busy: ${are(running)} running and ${waiting} waiting`);
  }
}

/** The statement failed for a reason that its author cannot fix, such as a full disk. The cause may name paths. */
export class DatabaseFailed extends Error {
  override readonly name = 'DatabaseFailed';
}

/** There is no place to prepare the data. The cause names the folder. */
export class DatabaseUnprepared extends Error {
  override readonly name = 'DatabaseUnprepared';
}

/** The database is down, accepts no more connections, or lost this one while the statement ran. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
}

/**
 * The database as the tools see it, one interface over two engines: PGlite in a worker thread (embedded.ts) and a
 * PostgreSQL server (server.ts). Both answer the same statement with the same bytes.
 */

export type Column = { name: string; type: string };

/**
 * `rows` holds one array a row, in column order. boolean, int2, int4, float4 and float8 come as JSON values, json
 * and jsonb as what they hold, null as null; everything else is the text that PostgreSQL prints (int8 and numeric
 * too, which JavaScript numbers cannot hold, and arrays of any type), under `TimeZone = UTC` and `DateStyle = ISO`.
 * A number within json or jsonb that a double cannot hold is its text, too: 9007199254740993, 1e400.
 */
export type ResultSet = { columns: Column[]; rows: unknown[][]; truncated: boolean };

/** Whose statement it is. The context of a tool's call is one. */
export type Caller = {
  signal?: AbortSignal;
  /** One text per tenant of an issuer. Tenants take turns; callers without a tenant share one turn. */
  tenant?: string;
  /** Waits for what the server needs first, at no cost of the caller's time. */
  waitFor?: <T>(needed: Promise<T>) => Promise<T>;
};

export type ReadOptions = Caller & {
  /** Milliseconds the statement may run before it is ended. */
  deadlineMs: number;
  /** Rows returned at most; `truncated` says whether there were more. */
  maxRows: number;
  /** Told when the statement's turn has come, from which its deadline counts. */
  onStart?: () => void;
};

export interface Database {
  /**
   * Runs one statement of somebody who is not trusted: a SELECT, VALUES, TABLE or WITH, in a READ ONLY transaction,
   * as a role that may only SELECT the demo schema. Always rolled back.
   *
   * @throws SqlRefused when the statement is not one that may run, SqlFailed when PostgreSQL refuses it,
   *   DatabaseFailed when PostgreSQL itself is in trouble, SqlDeadline when it ran too long, DatabaseBusy when its turn did not come, and the signal's reason when
   *   that aborts.
   */
  read(sql: string, params: readonly unknown[], options: ReadOptions): Promise<ResultSet>;
  /** Runs one of our own statements for a caller, as the owner of the demo schema; what it writes is committed. */
  run(sql: string, params: readonly unknown[], caller?: Caller): Promise<ResultSet>;
  /**
   * The data being made ready, which the first start on a machine takes seconds for; undefined when there is nothing to
   * wait for. Rejects with DatabaseUnprepared, or DatabaseUnreachable, and begins again when somebody asks again.
   */
  preparing(): Promise<void> | undefined;
  /**
   * Settles when the database is there and set up, however many statements wait for their turn; rejects with the
   * reason when it is not, does not answer within 5 s, or is still being prepared after 30 s.
   */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The statement is not one this server runs. The message says which rule and is safe to show. */
export class SqlRefused extends Error {
  override readonly name = 'SqlRefused';
}

/** PostgreSQL's own answer: message, SQLSTATE, and the 1-based character of the caller's text it points at. */
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

/** Nothing ran, for others run and wait already. It may be tried again. */
export class DatabaseBusy extends Error {
  override readonly name = 'DatabaseBusy';
  constructor(
    readonly running: number,
    readonly waiting: number,
    /** Whether these are the statements of the caller's own tenant, whose share is used up. */
    ofTenant = false,
  ) {
    const of = ofTenant ? ' of your tenant' : '';
    const are = (count: number): string =>
      count === 1 ? `1 statement${of} is` : `${count} statements${of} are`;
    super(`the database is busy: ${are(running)} running and ${waiting} waiting`);
  }
}

/** The statement failed for a reason that its author cannot mend, such as a full disk. The cause may name paths. */
export class DatabaseFailed extends Error {
  override readonly name = 'DatabaseFailed';
}

/** There is nowhere to make the data ready. The cause names the folder. */
export class DatabaseUnprepared extends Error {
  override readonly name = 'DatabaseUnprepared';
}

/** Nothing ran, or the connection broke while it did: the database is away, or opens no more connections. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
}

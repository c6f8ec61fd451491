/** What a witness hears, and what it finds. */
export type Side = 'client' | 'server';

/** One clause that an observed message or exchange violates. */
export type Violation = {
  /** An id of `spec-fixtures/requirements.json` or `requirements-tasks.json`. */
  clause: string;
  /** Who violates it. */
  side: Side;
  /** The part of the message, such as `result.tools[0].name`, `request header Accept` or `status`. */
  where: string;
  expected: string;
  received: string;
};

/** One HTTP request. `id` is the caller's number for the exchange, unique among those that are open. */
export type SeenRequest = {
  id: number;
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: string;
};
export type SeenResponse = { status: number; headers: [name: string, value: string][] };

/** Watches one client with one server. It never throws, and remembers a bounded amount. */
export type Witness = {
  request(exchange: SeenRequest): Violation[];
  response(id: number, response: SeenResponse): Violation[];
  /** A whole JSON body, or the joined data of one frame of an event stream. */
  message(id: number, text: string): Violation[];
  /** The response is complete, or the connection is gone. `complete` says that the server itself ended it. */
  end(id: number, complete?: boolean): Violation[];
  /** One line of stdio, without its line end. */
  line(from: Side, text: string): Violation[];
};

export type WitnessOptions = {
  transport: 'http' | 'stdio';
  /** Several clients may be behind one HTTP witness. Rules that compare requests of one client are then silent. */
  clients?: 'one' | 'many';
};

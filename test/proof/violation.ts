/**
 * A violation: one way to break a clause, as a proxy's change of the traffic between the player and a correct server. A clause is proved
 * when a transcript that names it fails because of the violation.
 */
export type JsonObject = Record<string, unknown>;
export type Headers = [name: string, value: string][];
/** What the player sends: one HTTP request, or one line of stdio, which has a body alone. */
export type Sent = { start: string; headers: Headers; body: string };
export type Answer = { status: number; headers: Headers; body: string };
/** What a message that comes back is about. `count` is a number that grows with each message of the transcript. */
export type About = { request: JsonObject | undefined; sent: Sent; count: number };

export type Violation = {
  /** The end of the sentence "a server that …". */
  does: string;
  /** The transcript that must fail, as a part of its path; any of those that name the clause when it is left out. */
  in?: string;
  /** The request that the server gets; undefined leaves it as it is, 'lost' drops it. */
  request?: (sent: Sent, before: readonly Sent[]) => Sent | 'lost' | undefined;
  /** A whole answer of HTTP, or the head of a stream, whose body is then empty. */
  answer?: (answer: Answer, sent: Sent) => Answer | undefined;
  /** One message: what is sent in its place, which may be nothing or several. */
  message?: (message: JsonObject, about: About) => JsonObject[] | undefined;
  /** One body, event or line as text. */
  text?: (text: string, about: About) => string | undefined;
  /** One event of a stream, with all its fields. */
  event?: (frame: string) => string | undefined;
  /** An event that a stream begins with, or a line of stdout. */
  first?: (sent: Sent) => string | undefined;
  /** The connection to the server stays open when the client closes its own. */
  staysOpen?: true;
  /** Notifications of one stream go to every other that is open. */
  sharesNotifications?: true;
};

/** A change of the sources, for what no proxy can show; the transcript or test named must fail with it. */
export type Mutation = {
  does: string;
  file: string;
  from: string | RegExp;
  to: string;
  /** A test file in place of the transcripts, and the title that must be among those that fail. */
  test?: { file: string; title: string };
  in?: string;
};

export type Proof = Violation | Mutation;
/** Several are all seen, or the clause is not proved. */
export type Proofs = { [clause: string]: Proof | Proof[] };

export const isMutation = (proof: Proof): proof is Mutation => 'file' in proof;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const headed = ({ headers }: { headers: Headers }, name: string) =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1];

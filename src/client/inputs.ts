/** Answers what a server asks of its client: through the handlers, with the defaults of a form filled in, and checked. */
import { answerProblem, mayAsk } from '../wire/mcp/input.js';
import { isRecord, type JsonObject, preview } from '../wire/value.js';
import { ClientError, violation } from './client-error.js';
import type { InputHandlers, InputMethod } from './ports.js';

const METHODS: readonly unknown[] = ['elicitation/create', 'sampling/createMessage', 'roots/list'];
/** Questions in one round. */
const MAX_QUESTIONS = 20;

/** The capabilities that these handlers amount to. */
export function capabilitiesOf(handlers: InputHandlers): JsonObject {
  return {
    ...(handlers['elicitation/create'] && { elicitation: { form: {}, url: {} } }),
    ...(handlers['sampling/createMessage'] && { sampling: {} }),
    ...(handlers['roots/list'] && { roots: {} }),
  };
}

/** @throws ClientError where the client offers no such thing, or the answer of its handler does not fit the question. */
export async function answerInput(
  handlers: InputHandlers,
  { method, params = {} }: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  if (!METHODS.includes(method) || !isRecord(params))
    throw violation(`the server asks for ${preview(method)}, which is no request that it may send`);
  const question = { method: method as InputMethod, params };
  const handler = handlers[question.method];
  if (handler === undefined || !mayAsk(question, capabilitiesOf(handlers)))
    throw violation(`the server asks for ${method} in a way that this client does not offer`);
  const answer = withDefaults(params, await handler(params, signal));
  const problem = answerProblem(question, answer);
  if (problem === undefined) return answer;
  throw new ClientError('usage', `the answer to ${method} does not fit: ${problem}`);
}

/** The answers to all questions of a round, by their keys; asked one after another, because one person answers. */
export async function answerInputs(handlers: InputHandlers, questions: JsonObject, signal: AbortSignal) {
  const entries = Object.entries(questions);
  if (entries.length > MAX_QUESTIONS)
    throw violation(`the server asks ${entries.length} questions at once; at most ${MAX_QUESTIONS}`);
  const answers: [string, JsonObject][] = [];
  for (const [key, question] of entries)
    answers.push([key, await answerInput(handlers, isRecord(question) ? question : {}, signal)]);
  return Object.fromEntries(answers);
}

/** A form that was accepted has the schema's default for each field left out (SEP-1034). */
function withDefaults({ requestedSchema }: JsonObject, answer: JsonObject): JsonObject {
  const fields = isRecord(requestedSchema) ? requestedSchema.properties : undefined;
  if (answer.action !== 'accept' || !isRecord(fields)) return answer;
  const content = Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      isRecord(field) && field.default !== undefined ? [[name, field.default]] : [],
    ),
  );
  return { ...answer, content: { ...content, ...(isRecord(answer.content) && answer.content) } };
}

/** Answers what a server asks of its client: through the handlers, with the defaults of a form filled in, and checked. */
import { answerProblem } from '../mcp/input.js';
import { isRecord, type JsonObject, preview } from '../value.js';
import { ClientError } from './client-error.js';
import type { InputHandlers, InputMethod } from './ports.js';

const METHODS: readonly string[] = [
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
] satisfies InputMethod[];
/** Questions in one round. */
const MAX_QUESTIONS = 20;

export function isInputMethod(method: unknown): method is InputMethod {
  return typeof method === 'string' && METHODS.includes(method);
}

/** @throws ClientError where there is no handler, or its answer does not fit the question. */
export async function answerInput(
  handlers: InputHandlers,
  { method, params }: { method: InputMethod; params: JsonObject },
  signal: AbortSignal,
): Promise<JsonObject> {
  const handler = handlers[method];
  if (handler === undefined)
    throw new ClientError('protocol', `the server asks for ${method}, which this client does not offer`);
  // It would need the capability `sampling.tools` (2026-07-28/schema/012).
  if (method === 'sampling/createMessage' && (params.tools ?? params.toolChoice) !== undefined)
    throw new ClientError(
      'protocol',
      'the server asks for sampling with tools, which this client does not offer',
    );
  const answer = withDefaults(params, await handler(params, signal));
  const problem = answerProblem({ method, params }, answer);
  if (problem !== undefined)
    throw new ClientError('usage', `the answer to ${method} does not fit: ${problem}`);
  return answer;
}

/** The answers to all questions of a round, by their keys; asked one after another, because one person answers. */
export async function answerInputs(
  handlers: InputHandlers,
  questions: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const entries = Object.entries(questions);
  if (entries.length > MAX_QUESTIONS)
    throw new ClientError(
      'protocol',
      `the server asks ${entries.length} questions at once; at most ${MAX_QUESTIONS}`,
    );
  const answers: [string, JsonObject][] = [];
  for (const [key, question] of entries) {
    if (!isRecord(question) || !isInputMethod(question.method))
      throw new ClientError(
        'protocol',
        `inputRequests/${key} is no request that a server may send: ${preview(question)}`,
      );
    const { method, params } = question;
    answers.push([
      key,
      await answerInput(handlers, { method, params: isRecord(params) ? params : {} }, signal),
    ]);
  }
  return Object.fromEntries(answers);
}

/** A form that was accepted has the schema's default for each field left out (SEP-1034). */
function withDefaults({ requestedSchema }: JsonObject, answer: JsonObject): JsonObject {
  if (answer.action !== 'accept' || !isRecord(requestedSchema)) return answer;
  const { properties } = requestedSchema;
  if (!isRecord(properties)) return answer;
  const defaults = Object.entries(properties).flatMap(([name, field]) =>
    isRecord(field) && field.default !== undefined ? [[name, field.default]] : [],
  );
  return {
    ...answer,
    content: { ...Object.fromEntries(defaults), ...(isRecord(answer.content) && answer.content) },
  };
}

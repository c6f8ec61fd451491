/**
 * A question as the input document of policy.rego, whose head describes it. What Rego cannot reckon as we do, the size
 * of the arguments, is reckoned here.
 */
import { payloadChars } from './payload.js';
import { PAYLOAD_LIMIT, type PolicyTool, type Question } from './question.js';

export type OpaInput = {
  server: { name: string; tools: { [tool: string]: PolicyTool } };
  tool: string;
  token: Question['token'];
  payload_chars: number;
  now: number;
  quota?: Question['quota'];
  args?: unknown;
};

/**
 * The arguments stay here unless `sendArgs` says otherwise: OPA's decision logs repeat the input. A text that is not
 * well-formed Unicode reaches OPA with U+FFFD in it, which equals no scope that a token can hold.
 */
export function opaInput(question: Question, { sendArgs = false } = {}): OpaInput {
  const { server, tool, token, args, now, quota } = question;
  const known = server.tools.get(tool);
  return {
    // Only the called tool: the others do not matter, and there may be thousands. An own member, even `__proto__`.
    server: { name: server.name, tools: known === undefined ? {} : { [tool]: known } },
    tool,
    token,
    payload_chars: payloadChars(args, PAYLOAD_LIMIT),
    now,
    ...(quota === undefined ? {} : { quota }),
    ...(sendArgs ? { args } : {}),
  };
}

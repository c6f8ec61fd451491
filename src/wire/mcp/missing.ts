/**
 * A client that lacks a capability, in words: what it would be asked, what that takes, and the name under which a client
 * declares it. Whoever reads the refusal may be the client's user, who has never seen the protocol.
 */
import { Fault } from '../fault.js';
import { isRecord, type JsonObject, shorten } from '../value.js';
import { capabilityFor, type InputRequest } from './input.js';

/** What a client with the capability can do. */
const ABILITIES = new Map([
  ['elicitation', 'show its user a form'],
  ['elicitation.form', 'show its user a form'],
  ['elicitation.url', 'open a page for its user'],
  ['sampling', 'ask its model'],
  ['sampling.tools', 'let its model use tools'],
  ['roots', 'name its folders'],
]);

/** That a tool as a whole is for clients with the capabilities. */
export function missingForTool(tool: string, missing: JsonObject): Fault {
  return fault(`${tool} is for clients that can ${lackOf(missing)}`, missing);
}

/** That this very question cannot be asked. */
export function missingForQuestion(question: InputRequest): Fault {
  return fault(unaskable(question), capabilityFor(question));
}

export function unaskable(question: InputRequest): string {
  return `this call ${asks(question)}; that takes a client that can ${lackOf(capabilityFor(question))}`;
}

function fault(detail: string, requiredCapabilities: JsonObject): Fault {
  return new Fault('missingCapability', detail, { data: { requiredCapabilities } });
}

function asks({ method, params }: InputRequest): string {
  if (method === 'roots/list') return 'asks for the folders that the client works in';
  if (method === 'sampling/createMessage') return "has a question for the client's model";
  const words = JSON.stringify(shorten(String(params.message), 200));
  return params.mode === 'url' ? `sends its user to a page, saying ${words}` : `asks ${words}`;
}

function lackOf(missing: JsonObject): string {
  const names = namesOf(missing, '');
  const abilities = new Set(names.map((name) => ABILITIES.get(name) ?? `do what "${name}" names`));
  const noun = names.length === 1 ? 'the capability' : 'the capabilities';
  return `${[...abilities].join(' and ')}, and this one does not declare ${noun} ${names.join(', ')}`;
}

/** `elicitation.url` of `{ elicitation: { url: {} } }`. */
function namesOf(capabilities: JsonObject, above: string): string[] {
  return Object.entries(capabilities).flatMap(([name, inner]) =>
    isRecord(inner) && Object.keys(inner).length > 0
      ? namesOf(inner, `${above}${name}.`)
      : [`${above}${name}`],
  );
}

/**
 * Every finding that a check can make: its code, its severity, and how to mend it. `error`: the server differs from what it
 * declares, or cannot be asked. `warning`: it works and deserves a look. `info`: worth knowing.
 */
import { type Problem, problemText } from '../../../wire/schema/problem.js';
import { shorten } from '../../../wire/value.js';
import type { Finding, Severity } from '../entry.js';

const KINDS = {
  'manifest-unreachable': ['error', 'Start the server, or correct the address under which it was added.'],
  'manifest-out-of-reach': [
    'error',
    'Add the server by an https address that is public, or allow its network with --registry-allow-network.',
  ],
  'manifest-too-large': [
    'error',
    'Publish a manifest of at most 1 MiB with at most 20,000 members and items.',
  ],
  'manifest-not-json': [
    'error',
    'Serve the manifest as one JSON object, UTF-8, at /.well-known/mcp-capabilities.',
  ],
  'manifest-invalid': [
    'error',
    'Correct the member that is named; the schema stands beside the manifest, at …/schema.',
  ],
  'tool-without-scope': ['error', 'Give the tool the one OAuth scope that a call of it needs.'],
  'url-elsewhere': [
    'error',
    'Serve the manifest on the origin of the MCP endpoint that it names: nobody speaks for another origin.',
  ],
  'url-differs': [
    'error',
    'Name the endpoint of this address in the manifest, or add the server by the endpoint that the manifest names.',
  ],
  'endpoint-taken': ['error', 'Remove one of the two entries; a switch of either one applies to the server.'],
  'name-taken': [
    'error',
    'Give the server a unique name. Until then it is listed by its address, and neither server can be switched by that name.',
  ],
  'name-claimed': [
    'warning',
    'Find out which of the two is genuine, and remove or rename the other. Until then each can be switched only by the URL of its endpoint.',
  ],
  'name-looks-alike': [
    'warning',
    'Make sure which of the two is meant: one may pass itself off as the other. Give yours a name that cannot be mistaken, or remove the impostor.',
  ],
  'identity-changed': [
    'error',
    'Accept the new identity here when it is meant to be, or restore the old one. Until then the server is in quarantine.',
  ],
  'transport-unreachable': [
    'error',
    'See that the MCP endpoint in the manifest answers POST within a few seconds.',
  ],
  'metadata-wrong': [
    'error',
    "Publish RFC 9728 metadata whose resource is the manifest's url and whose authorization_servers are its issuers.",
  ],
  'tool-missing': ['error', 'Take the tool out of the manifest, or let tools/list offer it.'],
  'tool-undeclared': ['error', 'Name the tool in the manifest: nobody can approve what it does not mention.'],
  'listed-twice': [
    'error',
    'Offer each name once: of two with the same name, nobody can tell which is called and which was approved.',
  ],
  'list-unread': [
    'warning',
    'Answer the list in full: models read what it holds, and the registry could not examine it.',
  ],
  'guidance-hidden-text': [
    'error',
    'Write what is meant in visible characters, or take it out. Until then, or until somebody accepts it, the server is in quarantine.',
  ],
  'text-too-long': ['warning', 'Make it shorter: only its beginning is read for orders to a model.'],
  'more-findings': ['info', 'Fix the findings that are listed; the others appear then.'],
  'tool-unaddressable': ['error', 'Give the tool a name that may be part of an address: not . and not ..'],
  'tool-drift': ['error', 'Make the manifest and tools/list agree about the tool.'],
  'hidden-text': ['error', 'Write what is meant in visible characters, or take it out.'],
  'instruction-likely': [
    'warning',
    'Read it: it may tell a model what to do rather than people what the tool does. Honest text can look like this, so nothing is switched off for it.',
  ],
  'no-token': [
    'warning',
    "Let the registry's client have a token for this server, or name an issuer that the registry trusts; until then only the manifest is checked.",
  ],
  'token-withheld': [
    'warning',
    "Let the issuer give the registry's client a JWT whose only audience is the server's endpoint (the resource of RFC 8707), without scopes or roles. Until then the server is asked without a token, and whatever it shows only with one is not checked.",
  ],
  'open-server': ['warning', 'Protect the server with OAuth, or keep it where only its users reach it.'],
  'revisions-differ': ['warning', 'Name in the manifest the revisions that the server supports.'],
  'tool-name-shared': [
    'warning',
    'Give one of the tools another name: a client that uses both servers cannot tell them apart.',
  ],
  'asked-elsewhere': ['info', 'Serve the manifest at the address where it was asked for.'],
} as const satisfies { [code: string]: readonly [Severity, string] };

export type Code = keyof typeof KINDS;

const MAX_MESSAGE = 600;
/** More than a manifest accepts. */
const MAX_TOOL = 200;

export function finding(code: Code, message: string, tool?: string): Finding {
  const [severity, mend] = KINDS[code];
  // In tools/list a name may be of any length.
  const about = tool === undefined ? {} : { tool: shorten(tool, MAX_TOOL) };
  return { code, severity, ...about, message: shorten(message, MAX_MESSAGE), mend };
}

/** `tools` are the document's tool names, by position. */
export function invalid(problems: readonly Problem[], tools: readonly (string | undefined)[]): Finding[] {
  return problems.slice(0, 50).map((problem) => {
    const [, at] = /^\/tools\/(\d+)/.exec(problem.pointer) ?? [];
    const tool = at === undefined ? undefined : tools[Number(at)];
    const scopeless = /^\/tools\/\d+\/scope$/.test(problem.pointer);
    return finding(scopeless ? 'tool-without-scope' : 'manifest-invalid', problemText(problem), tool);
  });
}

export type Suspicion = {
  /** `hidden`: nobody sees it. `order`: a person should read it. */
  kind: 'hidden' | 'order';
  /** JSON pointer to the text. */
  pointer: string;
  /** An excerpt, in visible characters. */
  excerpt: string;
};

export function suspicious(suspicions: readonly Suspicion[], tool?: string): Finding[] {
  return suspicions
    .slice(0, 20)
    .map(({ kind, pointer, excerpt }) =>
      kind === 'hidden'
        ? finding('hidden-text', `${pointer} has characters that nobody sees: ${excerpt}`, tool)
        : finding('instruction-likely', `${pointer} reads like an order to a model: ${excerpt}`, tool),
    );
}

/** Also logged when it first appears, because only the registry's operator can change what the issuer grants. */
export const TOKEN_WITHHELD = 'token-withheld' satisfies Code;

/** Quarantines the whole server, because guidance belongs to no tool. */
export const GUIDANCE_HIDES = 'guidance-hidden-text' satisfies Code;

/** A new tool with one of these findings is quarantined. A text that only reads suspiciously is left to a person. */
export const HOLDS_BACK: readonly string[] = ['hidden-text', 'tool-unaddressable'] satisfies Code[];

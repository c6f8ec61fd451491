/**
 * The official TypeScript clients, each in both ways to become known: by registering, and by an address that describes
 * it. With the requests that each of them sends, which do not depend on the server.
 */
import { type Kind, v1, v2 } from './oauth-programs.js';

export type Case = {
  name: string;
  kind: Kind;
  /** Has an address that describes it, and does not register. */
  documented: boolean;
  /** Its first requests, and those after it has a token. */
  opens: string;
  opened: string[];
  /** The scopes that it requests besides those of the challenge. */
  also: string;
};

const V1 = {
  kind: v1,
  opens: 'POST NAME/mcp initialize',
  opened: [
    'POST NAME/mcp initialize 200',
    'POST NAME/mcp notifications/initialized 202',
    'POST NAME/mcp tools/list 200',
  ],
  also: '',
};
const V2 = {
  kind: v2,
  opens: 'POST NAME/mcp server/discover',
  opened: ['POST NAME/mcp server/discover 200', 'POST NAME/mcp tools/list 200'],
  also: ' offline_access',
};
export const CASES: Case[] = [
  { name: 'version 2', ...V2, documented: false },
  { name: 'version 2, described at an address', ...V2, documented: true },
  { name: 'version 1', ...V1, documented: false },
  { name: 'version 1, described at an address', ...V1, documented: true },
];

/** The requests of a client from the first one to the list of tools. */
export function way({ documented, opens, opened }: Case, server: string): string[] {
  return [
    `${opens} 401`,
    'GET NAME/.well-known/oauth-protected-resource/mcp 200',
    'GET authserver/.well-known/oauth-authorization-server 200',
    ...(documented ? [] : ['POST authserver/register 201']),
    'POST authserver/token 200',
    ...opened,
  ].map((step) => step.replace('NAME', server));
}

import { STAGES } from './transcripts.js';

/** @param access the flags that say how to get in */
export const checkHelp = (access: string): string => `usage: barewire check URL [flags]
       barewire check [flags] -- COMMAND [ARGUMENTS]

Plays transcripts against any MCP server, over HTTP or stdio, and says for each failure which requirement of
the specification it violates. It first asks what the server offers. It calls one tool at most, one that says
it only reads, with arguments made from its schema.

What to check
  --stage NAME          one stage; may be repeated. The stages, in order:
                        ${STAGES.slice(0, 7).join(', ')},
                        ${STAGES.slice(7).join(', ')}
  --only ID             one transcript, or all that check one clause; may be repeated
  --tool NAME           call this tool, whatever it says about itself
  --args JSON           with these arguments

${access}
  --anonymous               send no access token, even if one is stored

How
  --pause MS            time between two requests (default: 100, or 5 for a server on this machine)
  -y, --yes             send hostile input to a server on another machine without asking
  --json, --junit       print the result in this format
  -v, --verbose         also list what does not apply, and print the stderr of a command
  --list                print the transcripts and the clauses that they check
  --requirements        print the requirements that no transcript checks, and why

Exit codes: 0 if no MUST is violated, 1 if one is, 2 if the check could not be made.

Examples
  barewire check http://localhost:3000/mcp --token-file token.txt
  barewire check https://example.com/mcp --stage tools --stage resources
  barewire check http://localhost:8000/mcp --only 2026-07-28/versioning/001
  barewire check --tool search --args '{"query":"mcp"}' -- npx -y some-mcp-server
  barewire check http://localhost:8000/mcp --junit > report.xml`;

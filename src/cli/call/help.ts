/** The help of `call` and `list`; what all commands for other servers share is added by their adapter. */

const EXIT_CODES = `Exit codes: 0 done · 1 the tool reports an error · 2 wrong usage, or arguments that do not fit ·
3 no connection, no token, no MCP, or an error instead of a result · 130 interrupted`;

const OUTPUT = `Output: the result alone goes to stdout; questions, progress and what --show prints go to stderr.
  --json                    the result as JSON, for jq and other programs
  --show                    every byte, annotated with its purpose and the clause that requires it
  --curl                    the requests as curl commands; tokens become variables
  --no-browser              open no browser; the address is printed anyway`;

export const CALL_HELP = `usage: barewire call URL [TOOL [ARGS]] [flags]
       barewire call [TOOL [ARGS]] [flags] -- COMMAND

Calls a tool of any MCP server, over HTTP or on stdio. Without TOOL it says what the server is,
and which tools it has.

ARGS is one JSON object, @FILE with one, - for one on stdin, or name=value pairs. The tool's input schema says
what each value becomes: a number, true or false, text, or JSON. A list takes name=value several times, and
name:=JSON is JSON as it stands. Arguments are checked against the schema before they are sent.

examples:
  barewire call localhost:3000/mcp
      Explains the server, and lists its tools.
  barewire call localhost:3000/mcp s3.list bucket=reports
      Calls a tool, after a sign-in in the browser if the server wants one.
  barewire call https://example.com/mcp search '{"query": "open incidents", "limit": 5}' --json | jq .
      The result as JSON, for another program.
  barewire call greet name=Ada --show -- node server.js
      Starts a server on stdio, calls its tool, and shows every message.
  BAREWIRE_TOKEN=… barewire call https://example.com/mcp deploy @deploy.json --curl
      Sends a token that you have, and prints the requests as curl commands.

Other things to ask for:
  --read URI                read a resource
  --prompt NAME [ARGS]      get a prompt, with its arguments as name=value

Questions from the server are asked in the terminal, where you can decline them. Without a terminal, all are
declined.
  --root DIR                a folder that the server may know of, if it asks; repeat it for more
  --log LEVEL               ask for the server's log messages, from debug to emergency
  --no-validate             send names and arguments without checking them first

${OUTPUT}

Ctrl-C cancels the call, and a second one ends the program at once.
${EXIT_CODES}`;

export const LIST_HELP = `usage: barewire list URL [flags]
       barewire list [flags] -- COMMAND

Shows what an MCP server offers: tools with their arguments, resources, resource templates and prompts.

examples:
  barewire list localhost:3000/mcp
      Everything, after a sign-in in the browser if the server wants one.
  barewire list https://example.com/mcp --tools --json | jq -r '.tools[].name'
      The names of the tools.
  barewire list --prompts -- node server.js
      The prompts of a server on stdio.

  --tools, --resources, --templates, --prompts
                            only these

${OUTPUT}

${EXIT_CODES}`;

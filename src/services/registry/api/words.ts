/** What the OpenAPI document says of each operation: its name, a sentence, and the shapes that go in and come out. */

type Words = {
  id: string;
  summary: string;
  takes?: string;
  /** Status to the name of a schema; undefined where there is no body. */
  answers: { [status: string]: string | undefined };
};

export const OPERATION_WORDS: { [operation: string]: Words } = {
  'GET /api/servers': { id: 'listServers', summary: 'All servers, by name.', answers: { 200: 'ServerList' } },
  'POST /api/servers': {
    id: 'addServer',
    summary:
      'Adds a server by the URL of its MCP endpoint or manifest, or by its origin if that has only one server.',
    takes: 'NewServer',
    answers: { 200: 'Server', 202: 'Server' },
  },
  'GET /api/search': {
    id: 'search',
    summary: 'Servers and their tools, best first, with the facets of all that were found.',
    answers: { 200: 'SearchResult' },
  },
  'GET /api/servers/{name}': {
    id: 'getServer',
    summary: 'All that is known of a server.',
    answers: { 200: 'Server' },
  },
  'DELETE /api/servers/{name}': {
    id: 'removeServer',
    summary: 'Takes a server out. Its history stays.',
    answers: { 204: undefined },
  },
  'GET /api/servers/{name}/findings': {
    id: 'getFindings',
    summary: 'What its last check found, and how to mend it.',
    answers: { 200: 'Findings' },
  },
  'GET /api/servers/{name}/history': {
    id: 'getHistory',
    summary: 'Everything that happened to it, newest first.',
    answers: { 200: 'History' },
  },
  'GET /api/servers/{name}/switches': {
    id: 'getSwitches',
    summary: 'Whether it is on, and which of its tools are not.',
    answers: { 200: 'Switches', 304: undefined },
  },
  'POST /api/servers/{name}/validate': {
    id: 'validate',
    summary: 'Checks it now, and answers when that is done.',
    answers: { 200: 'Server' },
  },
  'PUT /api/servers/{name}/switch': {
    id: 'switchServer',
    summary: 'Enables or disables a server. It follows within seconds.',
    takes: 'SwitchTo',
    answers: { 200: 'Server' },
  },
  'POST /api/servers/{name}/accept': {
    id: 'acceptIdentity',
    summary:
      'Accepts the changed identity of a server, or what it tells models now; digest is that of the manifest, or of the guidance, that was looked at.',
    takes: 'Accept',
    answers: { 200: 'Server' },
  },
  'PUT /api/servers/{name}/tools/{tool}/switch': {
    id: 'switchTool',
    summary: 'Enables or disables a tool. Its server follows within seconds.',
    takes: 'SwitchTo',
    answers: { 200: 'Server' },
  },
  'POST /api/servers/{name}/tools/{tool}/accept': {
    id: 'acceptTool',
    summary: 'Accepts the changed definition of a tool; digest is that of the definition that was looked at.',
    takes: 'Accept',
    answers: { 200: 'Server' },
  },
  'GET /api/findings': {
    id: 'listFindings',
    summary: 'The findings of all servers.',
    answers: { 200: 'FindingList' },
  },
  'GET /api/history': {
    id: 'listHistory',
    summary: 'Everything that happened to any server, newest first.',
    answers: { 200: 'History' },
  },
  'GET /api/switches': {
    id: 'findSwitches',
    summary:
      'The switches of the server whose MCP endpoint that is: what a server asks that follows the registry.',
    answers: { 200: 'Switches', 304: undefined },
  },
};

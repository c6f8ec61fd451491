/** Violations of what a server should do. test/proof/ has none of these, because it proves what a server must do. */
import { accepts, changes, code, drops, header, ofErrors, only, refuses, status } from '../proof/kinds.js';
import { isObject, type JsonObject, type Proofs, type Violation } from '../proof/violation.js';

const other = ofErrors(code(-32000));
const asError: Violation = {
  does: 'answers a bad argument with an error',
  message: ({ id, result }: JsonObject) =>
    isObject(result) && result.isError === true
      ? [{ jsonrpc: '2.0', id, error: { code: -32602, message: 'a bad argument' } }]
      : undefined,
};
/** Every other list is the wrong way round. */
function shuffles(): Violation {
  let count = 0;
  return {
    does: 'lists its tools in another order each time',
    message(message) {
      count += 1;
      const { result } = message;
      if (!isObject(result) || !Array.isArray(result.tools) || count % 2 === 1) return undefined;
      return [{ ...message, result: { ...result, tools: result.tools.reverse() } }];
    },
  };
}

/** By clause. What needs a server of another kind is in broken.test.ts. */
export const VIOLATIONS: Proofs = {
  '2025-11-25/cancellation/010': status(400),
  '2025-11-25/completion/003': other,
  '2025-11-25/completion/004': other,
  '2025-11-25/lifecycle/011': changes('/result/protocolVersion', '2024-11-05'),
  '2025-11-25/pagination/005': [other, accepts({ tools: [] })],
  '2025-11-25/prompts/006': other,
  '2025-11-25/resources/008': ofErrors(code(-32602)),
  '2025-11-25/security-best-practices/003': header('mcp-session-id', 'always-the-same'),
  '2025-11-25/tools/015': asError,
  '2025-11-25/transports/056': status(404),
  '2025-11-25/transports/064': refuses(-32600),
  '2026-07-28/authorization/014': header('www-authenticate', 'Bearer realm="mcp"'),
  '2026-07-28/basic/065': drops('/result/_meta'),
  '2026-07-28/completion/003': other,
  '2026-07-28/completion/004': other,
  '2026-07-28/discover/004': drops('/result/_meta/io.modelcontextprotocol~1serverInfo'),
  '2026-07-28/pagination/008': [other, accepts({ tools: [] })],
  '2026-07-28/prompts/012': other,
  '2026-07-28/resources/024': only(
    ({ error }) => isObject(error),
    accepts({ contents: [{ uri: 'file:///etc/passwd', text: 'root:x:0:0' }] }),
  ),
  '2026-07-28/streamable-http/012': accepts(),
  '2026-07-28/streamable-http/023': header('x-accel-buffering', undefined),
  '2026-07-28/tools/006': shuffles(),
  '2026-07-28/tools/034': asError,
  '2026-07-28/prompts/002': refuses(-32601),
  '2026-07-28/tools/002': refuses(-32601),
};

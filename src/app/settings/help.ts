/** The text of `--help`, made from the settings. */
import { TOPICS, type Topic } from './config.js';
import type { Setting } from './setting.js';

const COLUMNS = 100;
const FLAG_COLUMNS = 40;
const NO_BREAK = '\u00a0';

const USAGE = `usage: node dist/server.js [flags]
       node dist/server.js --help [TOPIC]
       node dist/server.js check URL [flags]
       node dist/server.js tap URL [flags]
       node dist/server.js call URL [TOOL [ARGS]] [flags]
       node dist/server.js list URL [flags]
       node dist/server.js audit verify|tail|query|export|stats|replay [flags]
       node dist/server.js config check|print|schema [flags]
       node dist/server.js policy explain --tool NAME [flags]
       node dist/server.js slo --metrics URL [flags]

Each command has a --help of its own. An installed package has the same program as \`barewire\`.`;

const EXAMPLES = `examples:
  node dist/server.js --trace
      Starts all four services, and explains every exchange.
  node dist/server.js --stdio --tools ./mine.js
      Serves the readonly tools and your own to an MCP client that starts this process.
  node dist/server.js --only readonly --host 0.0.0.0 --issuer https://login.example.com \\
    --readonly-url https://mcp.example.com/mcp
      Starts one server behind a proxy, with a real authorization server.

Each flag has an environment variable, shown to its right; the flag wins. A secret comes from its
variable or from a file, never from a flag, because every program on this machine can read the
command line. Parentheses mark these values: set the variable, or name a file with the flag below.
The same holds for a URL with a password and for an ID:SECRET.`;

const OTHER_FLAGS = `Other flags
  --help, -h [TOPIC]
      Print this, or one topic.
  --version
      Print the version.`;

/** About one topic, or about all of them. */
export function helpText(version: string, topic?: Topic): string {
  if (topic !== undefined) return topicText(topic);
  const head = `barewire ${version}: two MCP servers written by hand on node:http`;
  const names = wrap(`Topics: ${TOPICS.map(({ name }) => name).join(', ')}`, '');
  return [head, USAGE, EXAMPLES, ...TOPICS.map(topicText), OTHER_FLAGS, names].join('\n\n');
}

function topicText(topic: Topic): string {
  return [`${topic.title} (--help ${topic.name})`, ...Object.values(topic.settings).map(settingText)].join(
    '\n',
  );
}

function settingText(setting: Setting): string {
  const { flag, variable, help, type } = setting;
  const { placeholder = '', secret } = type;
  const line = (left: string, right: string): string => `  ${left.padEnd(FLAG_COLUMNS)} ${right}`;
  const plain = secret === true ? `(${placeholder})` : `--${flag} ${placeholder}`;
  const lines = [line(plain, variable)];
  if (secret !== undefined) lines.push(line(`--${flag}-file FILE`, `${variable}_FILE`));
  const defaultText = shownDefault(setting);
  return [
    ...lines,
    wrap(defaultText === '' ? help : `${help} (default:${NO_BREAK}${defaultText})`, '      '),
  ].join('\n');
}

/** The empty string when there is nothing to show. */
export function shownDefault({ defaultText, default: value = '', type }: Setting): string {
  return defaultText ?? (type.placeholder === undefined ? '' : value);
}

function wrap(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && indent.length + line.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => indent + line.replace(NO_BREAK, ' ')).join('\n');
}

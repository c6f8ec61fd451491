/**
 * `npm run settings`: every setting as a page, made from the rows in src/app/settings/topics. `--write` writes it to
 * src/app/SETTINGS.md.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOPICS } from '../src/app/settings/config.js';
import { shownDefault } from '../src/app/settings/help.js';
import type { Setting } from '../src/app/settings/setting.js';

export const PAGE = fileURLToPath(new URL('../src/app/SETTINGS.md', import.meta.url));

const HEAD = `# Settings

Made by \`npm run settings -- --write\` from the rows in [\`settings/topics\`](settings/topics). A test fails when this page is
older than they are. \`node dist/server.js --help\` prints the same, and \`--help policy\` one topic.

Each setting has a flag and an environment variable; the flag wins, and an empty variable counts as absent. A flag without a
value is a switch, and its variable takes \`1\`, \`0\`, \`true\` or \`false\`. \`…\` means a list, separated by commas.

\`--config FILE\` names a file with further settings: JSON with comments, whose members have the names of the flags. Flags and
variables win over it. Lists may be arrays there, and tables objects:

\`\`\`json
{
  "$schema": "./node_modules/barewire/dist/config.schema.json",
  "readonly-port": 4100,
  "issuer": ["https://login.example.com"],
  "payload-cap": {"s3.list": 4096},
  "slack-signing-secret-file": "/run/secrets/slack"
}
\`\`\`

\`node dist/server.js config check --config FILE\` says which name or value in it is wrong, or which settings do not fit
together; \`config print\` shows what is set and where it comes from, and \`config schema\` prints the schema with which editors complete it.

A secret comes from its variable or from a file, never from a flag, because every program on a machine can read the command
lines of the others. The variable that ends in \`_FILE\`, or the flag that ends in \`-file\`, names the file. A URL with a password
and an \`ID:SECRET\` are secrets too.`;

export function page(): string {
  const topics = TOPICS.map((topic) =>
    [
      `## ${topic.title}`,
      '',
      '| flag | variable | what it does | default |',
      '|---|---|---|---|',
      ...Object.values(topic.settings).map(tableRow),
    ].join('\n'),
  );
  return `${[HEAD, ...topics].join('\n\n')}\n`;
}

function tableRow(setting: Setting): string {
  const { flag, variable, help, type } = setting;
  const { placeholder = '', secret } = type;
  const flags = secret === true ? [] : [code(`--${flag} ${placeholder}`.trimEnd())];
  const variables = [code(variable)];
  if (secret !== undefined) {
    flags.push(code(`--${flag}-file FILE`));
    variables.push(code(`${variable}_FILE`));
  }
  const shown = shownDefault(setting);
  const cells = [
    flags.join(' '),
    variables.join(' '),
    help,
    setting.defaultText === undefined && shown !== '' ? code(shown) : shown,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
}

const code = (text: string): string => `\`${text}\``;

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) writeFileSync(PAGE, page());
  else console.log(page());
}

/** `config check`, `config print` and `config schema`: the configuration that the same flags would start the servers with. */
import type { JsonObject } from '../../wire/value.js';
import { readSettings, refuseWord, type SourcedSetting } from '../settings/arguments.js';
import { CONFIG_FILE } from '../settings/config.js';
import { configSchema } from '../settings/schema.js';
import { holdsPassword } from '../settings/setting.js';
import type { Environment } from '../settings/sources.js';
import { checkTogether } from '../settings/together.js';

const HELP = `usage: node dist/server.js config check|print|schema [flags of the server]

check    reads the flags, the variables and the file of --config as the server would, and says
         which name or value is wrong, or which settings do not fit together; the exit code is
         then 2. It opens nothing: problems with files and other servers show only at the start
print    prints every setting that one of them sets, as a configuration file, with where it comes
         from; secrets are left out
schema   prints the JSON Schema of a configuration file, for editors

examples:
  node dist/server.js config check --config barewire.json
  BAREWIRE_TRACE=1 node dist/server.js config print --readonly-port 4100 > barewire.json`;

const PARTS = ['check', 'print', 'schema'];
const ADVICE = 'config --help';

type Io = { print(line: string): void; complain(line: string): void };

export async function configCommand(
  [name = '', ...args]: readonly string[],
  environment: Environment,
  { print, complain }: Io,
): Promise<number> {
  if ([name, ...args].some((word) => word === '--help' || word === '-h')) {
    print(HELP);
    return 0;
  }
  if (!PARTS.includes(name)) refuseWord(name, 'check, print or schema', PARTS, `${ADVICE} explains them`);
  if (name === 'schema') {
    print(JSON.stringify(configSchema(), undefined, 2));
    return 0;
  }
  const { config, settings } = readSettings(args, environment, (line) =>
    complain(`barewire config: ${line}`),
  );
  if (name === 'print') print(configText(settings));
  else {
    await checkTogether(config);
    const count = settings.filter(({ setting }) => setting !== CONFIG_FILE).length;
    print(
      `nothing is wrong: ${count} ${count === 1 ? 'setting is' : 'settings are'} set, and all others have their defaults`,
    );
  }
  return 0;
}

/** A configuration file that sets the same, but for the secrets. */
function configText(settings: readonly SourcedSetting[]): string {
  const blocks = settings
    .filter(({ setting }) => setting !== CONFIG_FILE)
    .map(({ setting: { flag, type }, source: { origin, text } }) => {
      const { secret } = type;
      const isSecret = secret === true || secret?.(text) === true || holdsPassword(text);
      if (isSecret) return `  // a secret, from ${origin}\n  // "${flag}-file": "FILE",`;
      return `  // from ${origin}\n  ${JSON.stringify(flag)}: ${JSON.stringify(jsonOf(type.schema, text))},`;
    });
  return ['{', ...blocks, '}'].join('\n');
}

function jsonOf(schema: JsonObject | undefined, text: string): unknown {
  if (schema?.type === 'integer') return Number(text);
  return schema?.type === 'boolean' ? text === '1' || text === 'true' : text;
}

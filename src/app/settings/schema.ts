/** The JSON Schema of a configuration file, made from the settings, so that editors complete and check one. */
import type { JsonObject } from '../../wire/value.js';
import { CONFIG_FILE, TOPICS } from './config.js';
import { shownDefault } from './help.js';
import type { Setting } from './setting.js';

export function configSchema(): JsonObject {
  const settings = TOPICS.flatMap((topic) => Object.values(topic.settings)).filter(
    (setting) => setting !== CONFIG_FILE,
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of barewire',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(settings.flatMap(membersOf)) },
    additionalProperties: false,
  };
}

function membersOf(setting: Setting): [name: string, schema: JsonObject][] {
  const { flag, help, type } = setting;
  const defaultText = shownDefault(setting);
  const description = defaultText === '' ? help : `${help} (default: ${defaultText})`;
  const file: [string, JsonObject] = [
    `${flag}-file`,
    { type: 'string', description: `A file that holds the secret. ${description}` },
  ];
  if (type.secret === true) return [file];
  const own: [string, JsonObject] = [flag, { ...(type.schema ?? { type: 'string' }), description }];
  return type.secret === undefined ? [own] : [own, file];
}

/** What a server offers, for a person to read: its tools with their parameters, resources, templates and prompts. */

import type { Client } from '../../client/index.js';
import { type Look, wrapProse } from '../../lesson/look.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Part } from './invocation.js';
import { kindText, plain, propertyOf } from './kinds.js';
import { safeLine, safeText } from './safe.js';

export type Catalog = { readonly [Name in Part]?: readonly JsonObject[] };

const TITLES: { [Name in Part]: string } = {
  tools: 'Tools',
  resources: 'Resources',
  templates: 'Resource templates',
  prompts: 'Prompts',
};
/** The rest of a long list is there with --json. */
const MAX_DESCRIPTION = 600;
const MAX_NAME_COLUMNS = 24;

/** Name, version, revision, and what the server says about itself. */
export function serverLines({ server, revision, era }: Client, where: string, look: Look): string[] {
  const { info, instructions } = server;
  const name = safeLine(info.title ?? info.name ?? 'a server without a name');
  const version = safeLine(info.version, 40);
  const capabilities = Object.keys(server.capabilities).map((key) => safeLine(key, 40));
  return [
    look.paint('title', `${name} ${version}`.trim()),
    look.paint('quiet', `${safeLine(where)} · MCP ${revision} (${era})`),
    look.paint('quiet', `capabilities: ${capabilities.length === 0 ? 'none' : capabilities.join(', ')}`),
    ...(instructions === undefined || instructions === '' ? [] : ['', ...prose(instructions, look, '')]),
  ];
}

export function catalogLines(catalog: Catalog, look: Look): string[] {
  return Object.entries(TITLES).flatMap(([part, title]) => {
    const items = catalog[part as Part];
    if (items === undefined) return [];
    const lines = items.flatMap((item) => ['', ...ITEM_LINES[part as Part](item, look)]);
    return ['', look.paint('rule', `${title} (${items.length})`), ...lines];
  });
}

const ITEM_LINES: { [Name in Part]: (item: JsonObject, look: Look) => string[] } = {
  tools: toolLines,
  resources: (item, look) => resourceLines(item, item.uri, look),
  templates: (item, look) => resourceLines(item, item.uriTemplate, look),
  prompts: promptLines,
};

export function toolLines(tool: JsonObject, look: Look): string[] {
  const { name, description, inputSchema } = tool;
  return [
    `  ${look.paint('good', safeLine(name))}${aside([titleOf(tool), ...hintsOf(tool)], look)}`,
    ...about(description, look),
    ...parameterLines(inputSchema, look),
  ];
}

/** The server's own claims, which a client must not rely on (2026-07-28/tools/014). */
function hintsOf({ annotations, execution }: JsonObject): string[] {
  const { readOnlyHint, destructiveHint, idempotentHint } = isRecord(annotations) ? annotations : {};
  const support = isRecord(execution) ? execution.taskSupport : undefined;
  return [
    readOnlyHint === true ? 'only reads' : '',
    destructiveHint === true && readOnlyHint !== true ? 'may destroy' : '',
    idempotentHint === true && readOnlyHint !== true ? 'safe to repeat' : '',
    support === 'required' || support === 'optional' ? `task ${support}` : '',
  ];
}

export function parameterLines(schema: unknown, look: Look): string[] {
  const { properties, required } = isRecord(schema) ? schema : {};
  if (!isRecord(properties)) return [];
  const names = Object.keys(properties);
  const requiredNames = Array.isArray(required) ? required : [];
  const column = Math.min(MAX_NAME_COLUMNS, Math.max(0, ...names.map(({ length }) => length)));
  return names.flatMap((name) => {
    const part = propertyOf(schema, name);
    const { description, default: fallback } = isRecord(part) ? part : {};
    const facts = [
      kindText(part),
      ...(requiredNames.includes(name) ? ['required'] : []),
      ...(fallback === undefined ? [] : [`default ${fallback === '' ? '""' : plain(fallback)}`]),
    ].join(', ');
    const text = typeof description === 'string' && description !== '' ? `${facts}: ${description}` : facts;
    return wrapProse(
      safeLine(text, MAX_DESCRIPTION),
      look.width,
      `    ${safeLine(name).padEnd(column)}  `,
      ' '.repeat(6 + column),
    );
  });
}

function resourceLines(item: JsonObject, address: unknown, look: Look): string[] {
  const { name, mimeType, size, description } = item;
  const bytes = typeof size === 'number' ? `${size} bytes` : '';
  return [
    `  ${look.paint('good', safeLine(address))}${aside([titleOf(item) || safeLine(name), safeLine(mimeType, 60), bytes], look)}`,
    ...about(description, look),
  ];
}

function promptLines(prompt: JsonObject, look: Look): string[] {
  const { name, description } = prompt;
  const promptArguments = Array.isArray(prompt.arguments) ? prompt.arguments.filter(isRecord) : [];
  return [
    `  ${look.paint('good', safeLine(name))}${aside([titleOf(prompt)], look)}`,
    ...about(description, look),
    ...promptArguments.flatMap((one) => {
      const facts = one.required === true ? 'required' : 'optional';
      const text = typeof one.description === 'string' ? `${facts}: ${one.description}` : facts;
      return wrapProse(safeLine(text, MAX_DESCRIPTION), look.width, `    ${safeLine(one.name)}  `, '      ');
    }),
  ];
}

/** A title that repeats the name or the description says nothing. */
function titleOf({ name, title, description, annotations }: JsonObject): string {
  const text = title ?? (isRecord(annotations) ? annotations.title : undefined);
  return text === undefined || text === name || text === description ? '' : safeLine(text);
}

function aside(parts: readonly string[], look: Look): string {
  const text = parts.filter((part) => part !== '').join(' · ');
  return text === '' ? '' : look.paint('quiet', `  ${text}`);
}

function about(description: unknown, look: Look): string[] {
  return typeof description === 'string' ? prose(description, look, '    ') : [];
}

/** Keeps the paragraphs of a text. */
function prose(text: string, look: Look, indent: string): string[] {
  return safeText(text.slice(0, MAX_DESCRIPTION * 4))
    .split('\n')
    .flatMap((line) => wrapProse(line, look.width, indent));
}

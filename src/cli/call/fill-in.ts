/** Asks a person for the fields of a form, one after the other, until each fits. */
import { wrapProse } from '../../lesson/look.js';
import type { JsonObject } from '../../wire/value.js';
import type { Field } from './form.js';
import { plain } from './kinds.js';
import { safeLine } from './safe.js';
import type { Screen } from './screen.js';

/** Undefined at the end of the input. */
export async function fillIn(
  fields: readonly Field[],
  screen: Screen,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const content: JsonObject = {};
  for (const field of fields) {
    const answer = await askField(field, screen, signal);
    if (answer === undefined) return undefined;
    if (answer.value !== undefined)
      Object.defineProperty(content, field.name, { value: answer.value, enumerable: true });
  }
  return content;
}

/** A value as the person would type it. */
function inputText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.map(plain).join(',') : plain(value);
}

/** The value is undefined if the field stays empty. */
async function askField(
  field: Field,
  screen: Screen,
  signal: AbortSignal,
): Promise<{ value: unknown } | undefined> {
  const { look } = screen;
  const { title, description, expected, choices, numbered, fallback, required } = field;
  if (description !== '')
    for (const line of wrapProse(safeLine(description, 600), look.width, '  '))
      screen.say(look.paint('quiet', line));
  for (const [at, choice] of choices.entries()) {
    const value = plain(choice.value);
    const about = choice.title === value ? '' : `  ${look.paint('quiet', safeLine(value))}`;
    screen.say(`  ${numbered ? `${at + 1}) ` : '- '}${safeLine(choice.title)}${about}`);
  }
  const empty =
    fallback !== undefined ? ` [${safeLine(inputText(fallback), 60)}]` : required ? '' : ' [leave empty]';
  const prompt = `  ${look.paint('title', safeLine(title, 60))} (${safeLine(expected)})${empty}: `;
  for (;;) {
    const line = await screen.ask(prompt, signal);
    if (line === undefined) return undefined;
    if (line === '' && (fallback !== undefined || !required)) return { value: fallback };
    if (line === '') {
      screen.say(look.paint('wrong', '  expected an answer, received an empty line (Ctrl-D cancels)'));
      continue;
    }
    const reading = field.read(line);
    if ('value' in reading) return reading;
    screen.say(look.paint('wrong', `  ${safeLine(reading.problem)}`));
  }
}

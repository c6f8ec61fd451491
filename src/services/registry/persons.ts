/**
 * Who made a change and why, for people and programs with the registry's scope. Other readers see what happened and when, without
 * persons and reasons. Changes by the registry or its configuration name no person and are shown to all.
 */
import type { Actor, Change } from './entry.js';
import type { ChangeView, ServerView, SwitchView, ToolView } from './view.js';

export function changeWithoutPersons(change: Change): ChangeView {
  const { by, ...rest } = change;
  const { reason: _, ...told } = { reason: undefined, ...rest };
  return { ...told, ...(isPerson(by) ? {} : { by }) } as ChangeView;
}

export function viewWithoutPersons(view: ServerView): ServerView {
  const { addedBy, switch: switched, tools, ...rest } = view;
  return {
    ...rest,
    ...(addedBy === undefined || isPerson(addedBy) ? {} : { addedBy }),
    ...(switched && { switch: withoutPerson(switched) }),
    tools: tools.map(toolWithoutPersons),
  };
}

function toolWithoutPersons(tool: ToolView): ToolView {
  return tool.switch === undefined ? tool : { ...tool, switch: withoutPerson(tool.switch) };
}

function withoutPerson({ enabled, at }: SwitchView): SwitchView {
  return { enabled, at };
}

/** People and programs have a token and so an issuer; the registry itself has none. */
function isPerson({ user, issuer, tenant }: Actor): boolean {
  return issuer !== undefined || tenant !== undefined || !['registry', 'configuration'].includes(user);
}

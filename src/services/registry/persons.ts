/**
 * Removes persons and reasons for readers without the registry's scope: they see what happened and when. A change by the
 * registry or its configuration names no person, so everybody sees who made it.
 */
import type { Actor, Change } from './entry.js';
import type { ChangeView, ServerView, SwitchView } from './view.js';

export function changeWithoutPersons(change: Change): ChangeView {
  const { by, ...rest } = change;
  const { reason: _, ...facts } = { reason: undefined, ...rest };
  return { ...facts, ...(isPerson(by) ? {} : { by }) } as ChangeView;
}

export function viewWithoutPersons(view: ServerView): ServerView {
  const { addedBy, tools, ...rest } = view;
  return {
    ...withoutSwitcher(rest),
    ...(addedBy === undefined || isPerson(addedBy) ? {} : { addedBy }),
    tools: tools.map(withoutSwitcher),
  };
}

function withoutSwitcher<View extends { switch?: SwitchView }>(view: View): View {
  if (view.switch === undefined) return view;
  const { enabled, at } = view.switch;
  return { ...view, switch: { enabled, at } };
}

/** People and programs have a token, and so an issuer; the registry itself has none. */
function isPerson({ user, issuer, tenant }: Actor): boolean {
  return issuer !== undefined || tenant !== undefined || !['registry', 'configuration'].includes(user);
}

/** Which requests the list shows. All of it is in the address, so each filter is a link that people can share. */
import { APPROVALS_PATH } from '../addresses.js';
import type { Approval } from '../approval.js';

export const VIEWS = { waiting: 'Waiting', mine: 'Asked by you', decided: 'Decided' } as const;
export type View = keyof typeof VIEWS;

export type Filter = {
  view: View;
  tool?: string | undefined;
  /** The user who asks. */
  person?: string | undefined;
  /** One id: with it the script of an open request looks whether that one still waits. */
  request?: string | undefined;
  /** From 1. */
  page: number;
};

const PAGE_SIZE = 100;

/** Unknown members and values are ignored. */
export function readFilter(query: URLSearchParams): Filter {
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const view = Object.keys(VIEWS).find((name): name is View => name === query.get('view')) ?? 'waiting';
  const page = /^[1-9]\d{0,3}$/.test(query.get('page') ?? '') ? Number(query.get('page')) : 1;
  return { view, tool: text('tool'), person: text('person'), request: text('request'), page };
}

/** The first page, unless `changes` names another. */
export function addressOf(filter: Filter, changes: Partial<Filter> = {}): string {
  const { view, tool, person, page } = { ...filter, page: 1, ...changes };
  const query = new URLSearchParams();
  if (view !== 'waiting') query.set('view', view);
  if (tool !== undefined) query.set('tool', tool);
  if (person !== undefined) query.set('person', person);
  if (page > 1) query.set('page', String(page));
  return `${APPROVALS_PATH}${query.size > 0 ? `?${query}` : ''}`;
}

export function isFiltered({ tool, person }: Filter): boolean {
  return tool !== undefined || person !== undefined;
}

export function matching(approvals: readonly Approval[], { tool, person, request }: Filter): Approval[] {
  return approvals.filter(
    (approval) =>
      (tool === undefined || approval.tool === tool) &&
      (person === undefined || approval.user === person) &&
      (request === undefined || approval.id === request),
  );
}

export function pageOf(approvals: readonly Approval[], { page }: Filter): Approval[] {
  return approvals.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
}

export function pagesOf(approvals: readonly Approval[]): number {
  return Math.max(1, Math.ceil(approvals.length / PAGE_SIZE));
}

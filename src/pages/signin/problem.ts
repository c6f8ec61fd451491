/** What went wrong, as a page says it, and where to go from there. */
export type Problem = { status: number; title: string; problem: string };

export type Link = { to: string; text: string };

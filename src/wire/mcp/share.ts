/**
 * The share of a limit that one principal may take, so that one token cannot take all the places of a process. It is counted
 * in each process, as the limit is.
 */
import { Fault } from '../fault.js';

export type Share = {
  /** What is shared, in the plural, and the setting of the share. */
  what: string;
  setting: string;
  limit: number;
  /** Places of one principal; a tenth of the limit and ten at least, unless a setting says otherwise. */
  most: number;
};

const LEAST = 10;
const TENTH = 10;
const RETRY_AFTER_S = 10;

export function shareOf(what: string, setting: string, limit: number, given: number | undefined): Share {
  const most = Math.min(limit, given ?? Math.max(LEAST, Math.ceil(limit / TENTH)));
  return { what, setting, limit, most };
}

/** The refusal of a caller whose share is taken. Others are still served, so it is no 503. */
export function shareTaken({ what, setting, limit, most }: Share): Fault {
  const detail = `you have ${most} of ${limit} ${what}, which is the share of one caller (--${setting}); end one, or try again later`;
  return new Fault('quotaSpent', detail, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
}

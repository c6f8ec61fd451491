/**
 * The trace that a request belongs to, as its `traceparent` header names it.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */

/** The 32 hexadecimal digits; undefined when the header is absent or not valid, which the clause says to ignore. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const [, version, traceId, parentId, rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(traceparent ?? '') ?? [];
  if (version === undefined || version === 'ff') return undefined;
  // Only a later version may say more.
  if (version === '00' && rest !== undefined) return undefined;
  return /[^0]/.test(traceId ?? '') && /[^0]/.test(parentId ?? '') ? traceId : undefined;
}

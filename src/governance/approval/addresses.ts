/**
 * Where approvers decide, and as what these pages are known to an authorization server. They stand on the origin of the
 * server whose calls wait. Whoever sends people there, registers the pages or issues tokens for them reads it here.
 */

export const APPROVALS_PATH = '/approvals';
/** Where the authorization server sends a person back to who has signed in. */
export const CALLBACK_PATH = `${APPROVALS_PATH}/callback`;
/** The pages' client id, unless they were registered by another. */
export const APPROVALS_CLIENT = 'barewire-approvals';
/** The scope of whoever may decide. For people, and only by way of the pages: a program's token is no use there. */
export const DECIDES = 'approvals:decide';

/**
 * The addresses of the approvers' pages, on the origin of the server whose calls wait, and the client id and scope with which an
 * authorization server knows these pages.
 */

export const APPROVALS_PATH = '/approvals';
/** The authorization server sends people back to this path after they signed in. */
export const CALLBACK_PATH = `${APPROVALS_PATH}/callback`;
/** The pages' client id by default. */
export const APPROVALS_CLIENT = 'barewire-approvals';
/** The scope of approvers. Only people get it, and only through the pages: the token of a program does not work there. */
export const DECIDES = 'approvals:decide';

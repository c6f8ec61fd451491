/** The development authorization server. */
import { topic } from '../setting.js';
import { FOLDER, PASSWORD, PORT } from '../types.js';

export const authserver = topic('authserver', 'Development authorization server', (setting) => ({
  authserverPort: setting('authserver-port', PORT, {
    default: 3003,
    help: 'Port of the development authorization server.',
  }),
  authserverPassword: setting('authserver-password', PASSWORD, {
    neededBy: ['authserver'],
    defaultText: 'a password that everybody knows',
    help: 'Password of all its users, at least 12 characters.',
  }),
  stateHome: setting('state-home', FOLDER, {
    variable: 'XDG_STATE_HOME',
    defaultText: '~/.local/state',
    help: 'Folder for the keys of the development authorization server, and for what other settings keep there by default.',
  }),
}));

/** `tap URL` and `tap -- COMMAND`: reads the flags; src/cli/tap/ does the rest. */
import type { HttpTapOptions } from '../../cli/tap/http/run.js';
import { parseFlags } from '../settings/arguments.js';
import { WrongSetting } from '../settings/setting.js';
import type { Environment } from '../settings/sources.js';
import type { Io } from './command.js';

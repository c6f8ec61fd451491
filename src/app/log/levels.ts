/** The least severe level that is logged, for all areas and for single ones: `info,auth=debug`. */
import { EVENTS, type EventName, LEVELS, type Level } from '../../wire/log.js';
import { didYouMean } from '../../wire/mcp/nearest.js';
import type { SettingType } from '../settings/setting.js';

export type LogLevels = { general: Level; areas: ReadonlyMap<string, Level> };

const NAMES = Object.keys(EVENTS) as EventName[];
const areaOf = (event: EventName): string => event.slice(0, event.indexOf('.'));
const AREAS = [...new Set(NAMES.map(areaOf))];

const thresholdOf = (event: EventName, { general, areas }: LogLevels): Level =>
  areas.get(areaOf(event)) ?? general;

/** The events whose lines are written. */
export function loggedEvents(levels: LogLevels): ReadonlySet<EventName> {
  return new Set(
    NAMES.filter((name) => LEVELS.indexOf(EVENTS[name].level) <= LEVELS.indexOf(thresholdOf(name, levels))),
  );
}

/** Whether lines of this event show where an error came from. */
export function hasStack(event: EventName, levels: LogLevels): boolean {
  return 'stack' in EVENTS[event] || thresholdOf(event, levels) === 'debug';
}

export const LOG_LEVELS: SettingType<LogLevels> = {
  placeholder: 'LEVEL,AREA=LEVEL,…',
  read(text) {
    const areas = new Map<string, Level>();
    let general: Level = 'info';
    for (const part of text.split(',').map((word) => word.trim())) {
      const [area = '', level] = part.split('=');
      if (level === undefined) general = levelOf(area);
      else if (AREAS.includes(area)) areas.set(area, levelOf(level));
      else throw new RangeError(`expected one of the areas ${AREAS.join(', ')}${didYouMean(area, AREAS)}`);
    }
    return { general, areas };
  },
};

function levelOf(word: string): Level {
  const level = LEVELS.find((one) => one === word);
  if (level !== undefined) return level;
  throw new RangeError(`expected ${LEVELS.join(', ')}, alone or as AREA=LEVEL`);
}

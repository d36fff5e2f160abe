/** Which entries of the change log are shown: the query of the page's address. */
import type { LogEntry } from '../../api/types';
import { ACTION_LABELS } from './describe';

export interface LogFilter {
  /** The id of a picture; empty for all. */
  image: string;
  /** The id of a person, as entries have it; `LIBRARY`, or empty for all. */
  by: string;
  action: LogEntry['action'] | '';
}

/** Whose are the entries of what the library has done by itself. */
export const LIBRARY = '0';

export function parseLogFilter(queryString: string): LogFilter {
  const parameters = new URLSearchParams(queryString);
  const action = parameters.get('action') ?? '';
  return {
    image: parameters.get('image') ?? '',
    by: parameters.get('by') ?? '',
    action: Object.hasOwn(ACTION_LABELS, action) ? (action as LogEntry['action']) : '',
  };
}

export function buildLogUrl({ image, by, action }: LogFilter): string {
  const parameters = new URLSearchParams({ view: 'log' });
  if (image !== '') parameters.set('image', image);
  if (by !== '') parameters.set('by', by);
  if (action !== '') parameters.set('action', action);
  return `/admin?${parameters.toString()}`;
}

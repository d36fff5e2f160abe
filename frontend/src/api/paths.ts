/** The API's paths that are asked for in a visitor's first load: by the client, and before it is there. */
import { buildQueryString, type QueryValue } from './query';
import type { ImageQuery } from './types';

export function buildSearchPath(query: ImageQuery): string {
  return `/api/images${buildQueryString(query as Record<string, QueryValue>)}`;
}

export function buildImagePath(id: string): string {
  return `/api/images/${encodeURIComponent(id)}`;
}

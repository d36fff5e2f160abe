/** The query for a page of results, as the API gets it. */
import type { ImageQuery } from '../api/types';
import { LatestUpload } from './latest-upload';

/** Pictures a request: about two screens. */
const PAGE_SIZE = 50;

export const latestUpload = new LatestUpload(sessionStorage, Date.now);

export function buildPageQuery(query: ImageQuery): ImageQuery {
  return { ...query, limit: PAGE_SIZE, ...latestUpload.query };
}

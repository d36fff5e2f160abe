/** What all photos of the next upload have in common; kept while one looks around the page. */
import type { SharedMetadata } from '../api/types';
import { unique } from './tags';

export interface Draft {
  description: string;
  tags: string[];
  license: string;
  credit: string;
}

export const draft = $state<Draft>({ description: '', tags: [], license: '', credit: '' });

/** Only what was filled in: the library has its own idea of the rest. */
export function metadataOf({ description, tags, license, credit }: Draft): SharedMetadata {
  return {
    ...(description.trim() === '' ? {} : { description: description.trim() }),
    ...(tags.length === 0 ? {} : { tags: unique(tags) }),
    ...(license === '' ? {} : { license }),
    ...(credit.trim() === '' ? {} : { credit: credit.trim() }),
  };
}

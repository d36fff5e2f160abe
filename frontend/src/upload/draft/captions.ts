import type { SharedMetadata } from '../../api/types';
import { extractHashtags, normalizeTags } from './tags';

/** Each answer is made once: thousands of files ask for the same one again and again. */
const answers = new WeakMap<SharedMetadata, SharedMetadata>();

/** What files have in common, for one that keeps the caption that stands in it. The tags in their description stay tags. */
export function leaveCaption(shared: SharedMetadata): SharedMetadata {
  let answer = answers.get(shared);
  if (answer === undefined) {
    const { description = '', ...others } = shared;
    const tags = normalizeTags([...(others.tags ?? []), ...extractHashtags(description)]);
    answer = { ...others, ...(tags.length > 0 ? { tags } : {}) };
    answers.set(shared, answer);
  }
  return answer;
}

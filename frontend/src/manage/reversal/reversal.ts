/** What gives a picture back what an edit has changed of it. */
import type { EditRequest, Image } from '../../api/types';
import { extractHashtags, normalizeTag } from '../../upload/draft/tags';
import type { FieldName } from '../fields/fields';

export interface Reversal {
  id: string;
  /** The revision that the edit has made: at another one, somebody has changed the picture since. */
  revision: number;
  changes: Omit<EditRequest, 'ids' | 'revisions'>;
}

/**
 * The reversal of the edit between two states of a picture, of these fields alone; null where none of them was changed.
 * Every other field stays as it is.
 */
export function buildReversal(before: Image, after: Image, names: readonly FieldName[]): Reversal | null {
  const changed = names.filter((name) => name !== 'tags' && before[name] !== after[name]);
  const set = Object.fromEntries(changed.map((name) => [name, before[name]]));
  const tags = names.includes('tags') ? reverseTags(listOwnTags(before), listOwnTags(after)) : {};
  const changes = { ...(changed.length === 0 ? {} : { set }), ...tags };
  if (changed.length > 0 && 'set' in tags) Object.assign(changes, { set: { ...set, ...tags.set } });
  if (Object.keys(changes).length === 0) return null;
  return { id: after.id, revision: after.revision, changes };
}

/** The tags that do not come from the description, in their order. */
export function listOwnTags({ tags, description }: Image): string[] {
  const hashtags = extractHashtags(description);
  return tags.filter((tag) => !hashtags.includes(normalizeTag(tag)));
}

/** Many pictures have the same difference of tags, and few the same tags: a difference is undone with fewer requests. */
function reverseTags(before: readonly string[], after: readonly string[]): Reversal['changes'] {
  const remaining = after.filter((tag) => before.includes(tag));
  const missing = before.filter((tag) => !after.includes(tag));
  const extra = after.filter((tag) => !before.includes(tag));
  const isInOrder = [...remaining, ...missing].every((tag, index) => tag === before[index]);
  if (!isInOrder) return { set: { tags: [...before] } };
  return {
    ...(missing.length === 0 ? {} : { add_tags: missing }),
    ...(extra.length === 0 ? {} : { remove_tags: extra }),
  };
}

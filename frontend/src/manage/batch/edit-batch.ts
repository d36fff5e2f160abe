/** Sends one change of many pictures, and reads how each of them fared. */
import type { EditAnswer, EditContent, Image } from '../../api/types';
import { findText } from '../../app/texts';
import type { EditRecord } from '../reversal/edit-record';
import { GONE, loadAnswered, type BatchEditApi } from './answers';
import type { Batch, Outcome } from './batch.svelte';
import { FIELD_NAMES, type FieldName } from '../fields/fields';
import { isAnswerLost, noteUnsent, type Remainder } from './send-in-chunks';

const EDITED_JUST_THEN = 'Somebody else has changed the picture at this very moment. Try again.';
const EDITED_SINCE_SHOWN =
  'Somebody else has changed the picture since this page has shown it. Load the page again, then change it.';

/**
 * `onedited` gets the pictures as they are then; the record, what they were before. `getOwner` tells who is signed in: nothing
 * more is sent in the name of anybody else than whose edit it is. Resolves to why the batch ended early, or null.
 */
export function runBatchEdit(
  batch: Batch,
  edit: EditContent,
  api: BatchEditApi,
  record: EditRecord,
  onedited: (images: readonly Image[]) => void,
  getOwner: () => string | null = () => record.owner,
): Promise<Remainder | null> {
  const fields = listFields(edit);
  const removedTags = edit.remove_tags?.filter((tag) => !edit.add_tags?.includes(tag)) ?? [];
  const check = (): void => {
    if (batch.isStopped || getOwner() !== record.owner) throw new DOMException('', 'AbortError');
  };
  return batch.run(
    async (ids) => {
      check();
      const revisions = await record.read(ids, edit).catch((error: unknown) => {
        throw noteUnsent(error);
      });
      check();
      const answers = await api.editImages({ ...edit, ids, revisions }).catch((error: unknown) => {
        if (isAnswerLost(error)) record.noteLostAnswer(ids, edit);
        throw error;
      });
      const images = await loadAnswered(answers, api);
      onedited([...images.values()]);
      for (const { id, state } of answers) record.note(id, state, images.get(id), fields);
      return answers.map((answer) => readOutcome(answer, images.get(answer.id), removedTags, record));
    },
    { isPatient: true },
  );
}

/** The fields that the pictures get. */
function listFields({ set = {}, add_tags: added, remove_tags: removed }: EditContent): FieldName[] {
  return FIELD_NAMES.filter((name) => name in set || (name === 'tags' && (added ?? removed) !== undefined));
}

function readOutcome(
  { id, state, error }: EditAnswer,
  image: Image | undefined,
  removedTags: readonly string[],
  record: EditRecord,
): Outcome {
  if (state === 'gone') return { id, reason: GONE };
  if (state === 'rejected' && error?.code === 'edited-meanwhile') {
    return { id, reason: record.isRead(id) ? EDITED_JUST_THEN : EDITED_SINCE_SHOWN };
  }
  if (state === 'rejected') {
    const reason = error && (findText(error.code) ?? error.detail);
    return { id, reason: reason ?? 'The library did not take the change.' };
  }
  // The answer to the request that has changed it may have been lost.
  const isUnchanged = state === 'unchanged' && !record.has(id);
  const kept = removedTags.filter((tag) => image?.tags.includes(tag));
  return { id, reason: kept.length === 0 ? null : explainKeptTags(kept), isUnchanged };
}

/** A hashtag is a tag for as long as it stands in the description. */
function explainKeptTags(tags: readonly string[]): string {
  const hashtags = tags.map((tag) => `#${tag}`).join(' ');
  return `The description contains ${hashtags}. Take it out there: each hashtag of a description is a tag.`;
}

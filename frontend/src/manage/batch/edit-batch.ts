/** Sends one change of many pictures, and reads how each of them fared. */
import type { BatchEdit, EditAnswer, Image } from '../../api/types';
import type { Batch, Outcome } from './batch.svelte';
import type { BatchDraft } from './batch-draft.svelte';
import type { Remainder } from './send-in-chunks';

const GONE = 'The picture is no longer there.';

export function runBatchEdit(
  batch: Batch,
  draft: BatchDraft,
  editImages: (edit: BatchEdit) => Promise<EditAnswer[]>,
  onedited: (images: readonly Image[]) => void,
): Promise<Remainder | null> {
  return batch.run(async (ids) => {
    const answers = await editImages(draft.build(ids));
    onedited(answers.flatMap(({ image }) => (image === undefined ? [] : [image])));
    return answers.map(readOutcome);
  });
}

function readOutcome({ id, state, error }: EditAnswer): Outcome {
  if (state === 'gone') return { id, reason: GONE };
  if (state === 'rejected') return { id, reason: error?.detail ?? 'The library did not take the change.' };
  return { id, reason: null };
}

/** Sends one change of many pictures, and reads how each of them fared. */
import type { EditRequest, EditAnswer, Image, Upload } from '../../api/types';
import { findText } from '../../app/texts';
import type { Batch, Outcome } from './batch.svelte';
import type { BatchDraft } from './batch-draft.svelte';
import type { Remainder } from './send-in-chunks';

export interface BatchEditApi {
  editImages(edit: EditRequest): Promise<EditAnswer[]>;
  listUploadsById(ids: string[]): Promise<Upload[]>;
}

const GONE = 'The picture is no longer there.';

/** `onedited` gets the pictures as they are then. Resolves to why the batch ended early, or null. */
export function runBatchEdit(
  batch: Batch,
  draft: BatchDraft,
  api: BatchEditApi,
  onedited: (images: readonly Image[]) => void,
): Promise<Remainder | null> {
  return batch.run(async (ids) => {
    const answers = await api.editImages(draft.build(ids));
    onedited(answers.flatMap(({ image }) => (image === undefined ? [] : [image])));
    // A long answer leaves its last pictures out.
    const isOfInterest = ({ state }: EditAnswer): boolean =>
      state === 'edited' || (state === 'unchanged' && draft.listRemovedTags().length > 0);
    const omitted = answers.filter((answer) => answer.image === undefined && isOfInterest(answer));
    const loaded = await loadImages(
      omitted.map(({ id }) => id),
      api,
    );
    onedited(loaded);
    const images = new Map(loaded.map((image) => [image.id, image]));
    return answers.map((answer) => readOutcome(answer, answer.image ?? images.get(answer.id), draft));
  });
}

/** The pictures of these ids, which are of one request, and so few that they fit into an address. */
async function loadImages(ids: string[], api: BatchEditApi): Promise<Image[]> {
  if (ids.length === 0) return [];
  try {
    const uploads = await api.listUploadsById(ids);
    return uploads.flatMap(({ image }) => (image === undefined ? [] : [image]));
  } catch {
    // They are edited all the same; the list shows it when it is loaded again.
    return [];
  }
}

function readOutcome({ id, state, error }: EditAnswer, image: Image | undefined, draft: BatchDraft): Outcome {
  if (state === 'gone') return { id, reason: GONE };
  if (state === 'rejected') {
    const reason = error && (findText(error.code) ?? error.detail);
    return { id, reason: reason ?? 'The library did not take the change.' };
  }
  const kept = draft.listRemovedTags().filter((tag) => image?.tags.includes(tag));
  return { id, reason: kept.length === 0 ? null : explainKeptTags(kept), isUnchanged: state === 'unchanged' };
}

/** A hashtag is a tag for as long as it stands in the description. */
function explainKeptTags(tags: readonly string[]): string {
  const hashtags = tags.map((tag) => `#${tag}`).join(' ');
  return `The description contains ${hashtags}. Take it out there: each hashtag of a description is a tag.`;
}

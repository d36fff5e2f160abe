/** The answers to an edit of many pictures. */
import type { EditAnswer, EditRequest, Image, Upload } from '../../api/types';

export interface BatchEditApi {
  editImages(edit: EditRequest): Promise<EditAnswer[]>;
  listUploadsById(ids: string[]): Promise<Upload[]>;
}

/** Why a picture was not changed that is gone. */
export const GONE = 'The picture is no longer there.';

/**
 * The pictures of the answers to one edit, by id, as they are then. A long answer leaves its last pictures out: these are
 * loaded, as far as the library answers.
 */
export async function loadAnswered(
  answers: readonly EditAnswer[],
  api: BatchEditApi,
): Promise<Map<string, Image>> {
  const images = new Map<string, Image>();
  for (const { id, image } of answers) if (image !== undefined) images.set(id, image);
  const omitted = answers.filter(
    ({ state, image }) => image === undefined && (state === 'edited' || state === 'unchanged'),
  );
  if (omitted.length > 0) {
    // They are edited all the same; the list shows it when it is loaded again.
    const uploads = await api.listUploadsById(omitted.map(({ id }) => id)).catch((): Upload[] => []);
    for (const { id, image } of uploads) if (image !== undefined) images.set(id, image);
  }
  return images;
}

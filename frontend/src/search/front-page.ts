/** What the front page shows beside the newest pictures, as far as these pictures tell it. */
import type { Image } from '../api/types';

export interface FrontPageContributor {
  id: string;
  name: string;
  /** Their newest picture. */
  cover: Image;
}

/** Who has contributed the pictures, each once, in the order of their newest pictures. */
export function listContributors(images: readonly Image[], limit: number): FrontPageContributor[] {
  const found = new Map<string, FrontPageContributor>();
  for (const image of images) {
    const { owner_id: id, owner: name } = image;
    if (name !== '' && !found.has(id)) found.set(id, { id, name, cover: image });
  }
  return [...found.values()].slice(0, limit);
}

/** The commonest tags of the pictures. They are there at once after an upload, while answers about tags are stored. */
export function countTags(images: readonly Image[], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const tag of images.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([tag]) => tag);
}

/** For each tag one of the pictures that have it, as far as possible none twice. A tag of no picture is missing. */
export function chooseCovers(tags: readonly string[], images: readonly Image[]): Map<string, Image> {
  const covers = new Map<string, Image>();
  const used = new Set<string>();
  for (const tag of tags) {
    const candidates = images.filter((image) => image.tags.includes(tag));
    const cover = candidates.find(({ id }) => !used.has(id)) ?? candidates[0];
    if (cover === undefined) continue;
    used.add(cover.id);
    covers.set(tag, cover);
  }
  return covers;
}

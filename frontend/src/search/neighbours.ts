/** The picture before and the picture after one in a list of results. `index` is -1 when the list lacks the picture. */
export function findNeighbours<T extends { id: string }>(
  list: readonly T[],
  id: string,
): { index: number; previous?: T; next?: T } {
  const index = list.findIndex((image) => image.id === id);
  if (index === -1) return { index };
  const previous = list[index - 1];
  const next = list[index + 1];
  return { index, ...(previous ? { previous } : {}), ...(next ? { next } : {}) };
}

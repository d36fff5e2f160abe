/** The pictures before and after one in a list of results. */
export function neighbours<T extends { id: string }>(
  list: readonly T[],
  id: string,
): { before?: T; after?: T; at: number } {
  const at = list.findIndex((one) => one.id === id);
  if (at === -1) return { at };
  const before = list[at - 1];
  const after = list[at + 1];
  return { at, ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

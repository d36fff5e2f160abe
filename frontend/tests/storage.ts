/** The storage of a tab that tests pass to a module. */
export function createStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'length'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    get length() {
      return items.size;
    },
  };
}

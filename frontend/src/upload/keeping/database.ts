/** The database of this browser in which the queues are kept. */
export const DATABASE = 'stockroom';

/** Whether this browser has the database. An old browser cannot tell, and rejects. */
export async function hasDatabase(): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === DATABASE);
}

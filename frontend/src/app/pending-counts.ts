/**
 * What this page has still to do with pictures, for what has to know it while nothing of My pictures may be loaded:
 * `manage/library/` puts its own counts there, with what pages have left that have ended. Reactive.
 */
export const pendingCounts = {
  /** How many pictures are still to be deleted. */
  deletions: (): number => 0,
  /** How many edits are not saved. */
  edits: (): number => 0,
};

/**
 * How many pictures this page is still to delete, for what has to know it while nothing of My pictures may be loaded:
 * `manage/library/removal.svelte.ts` puts its own count there, with what pages have left that have ended. Reactive.
 */
export const leftToDelete = { count: (): number => 0 };

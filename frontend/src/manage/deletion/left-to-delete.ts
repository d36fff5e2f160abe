/**
 * How many pictures this page is still to delete, for what has to know it while nothing of My pictures may be loaded:
 * `library/removal.svelte.ts` puts its own count there. Reactive.
 */
export const leftToDelete = { count: (): number => 0 };

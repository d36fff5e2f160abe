/**
 * When the pictures of the first screen are there. What everybody needs, but only later, is loaded then: on a slow line the
 * pictures would wait for it.
 */

/** Ms after which it is loaded all the same. */
const LIMIT = 4000;

/** Says that these pictures are there. */
export let noteFirstScreen: () => void;

export const firstScreen = new Promise<void>((resolve) => {
  noteFirstScreen = resolve;
  setTimeout(resolve, LIMIT);
});

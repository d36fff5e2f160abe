/** The history entry of the viewer, with which “Back” closes the viewer alone. The picture's own entry is below it. */
import { router } from '../app/router.svelte';
import { buildPictureUrl } from '../app/routes';

let isLeaving = false;

/** Adds the entry. The viewer is opened from the page of a picture. */
export async function addViewerEntry(id: string): Promise<void> {
  const { depth, ...place } = router.state;
  const state = { ...place, enlargedFrom: id, ...(depth === undefined ? {} : { depth: depth + 1 }) };
  await router.go(buildPictureUrl(id), { keepScroll: true, state });
}

/**
 * Leaves the entry, unless “Back” has left it. In the entry below it, the picture that the viewer has shown last takes the
 * place of the one from which it was opened.
 */
export async function leaveViewerEntry(enlargedFrom: string, shownId: string): Promise<void> {
  if (isLeaving) return;
  isLeaving = true;
  const { position } = router.state;
  if (router.state.enlargedFrom !== undefined) await router.back(1);
  isLeaving = false;
  const { route, state } = router;
  if (route.name !== 'picture' || route.id !== enlargedFrom || shownId === enlargedFrom) return;
  const { scroll: _, ...place } = state;
  await router.go(buildPictureUrl(shownId), {
    replace: true,
    keepScroll: true,
    state: position === undefined ? place : { ...place, position },
  });
}

import { importAgain } from '../app/import-again';
import { OnDemand } from '../app/on-demand.svelte';
import { parseRoute } from '../app/routes';
import { uploads } from '../upload/loading/uploads-on-demand';

/** The pages that a visitor's first load is without: all but the search. */
export const pages = {
  picture: new OnDemand(() => importAgain(() => import('./PicturePage.svelte'))),
  upload: new OnDemand(async () => {
    const [page] = await Promise.all([importAgain(() => import('./UploadPage.svelte')), uploads.load()]);
    return page;
  }),
  uploads: new OnDemand(() => importAgain(() => import('./UploadsPage.svelte'))),
  signin: new OnDemand(() => importAgain(() => import('./SignInPage.svelte'))),
  admin: new OnDemand(() => importAgain(() => import('./AdminPage.svelte'))),
  missing: new OnDemand(() => importAgain(() => import('./MissingPage.svelte'))),
};

/** Takes files that are dropped on any page. It is loaded when something is dragged over the page. */
export const dropOverlay = new OnDemand(() => import('../components/upload/DropOverlay.svelte'));

/** Loads the page to which a link leads that somebody is about to follow. */
export function prefetchPage({ target }: Event): void {
  const link = target instanceof Element ? target.closest('a') : null;
  if (link === null || link.origin !== location.origin) return;
  const { name } = parseRoute(link.pathname);
  if (name !== 'search' && name !== 'missing') pages[name].prefetch();
}

/** Ms after which the pictures of the first screen are there, on most connections. */
const PREFETCH_DELAY = 4000;

/** Loads a picture's page once the first page is there, as that is where most visitors go next. */
export function prefetchNextPage(): void {
  setTimeout(() => {
    // Not every browser knows when it is idle.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => pages.picture.prefetch());
    else pages.picture.prefetch();
  }, PREFETCH_DELAY);
}

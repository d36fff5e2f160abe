/**
 * What a browser fetches and shows while the page's script is still on its way: the answer of the API that this address
 * needs, and the pictures of the first screen. Everything here is small and free of Svelte. Whatever is missed here, the
 * page fetches itself.
 */
import { earlyAnswers, PRIVATE_KEY } from './api/early-answers';
import { buildImagePath, buildSearchPath } from './api/paths';
import type { Image, ImagePage } from './api/types';
import { parseRoute } from './app/routes';
import { showFirstTiles } from './pictures/first-tiles';
import {
  chooseOptions,
  chooseWidth,
  computeLayout,
  findLargestTile,
  findTilesBetween,
} from './pictures/justified-layout';
import { prefetchPicture } from './pictures/renditions';
import { buildPageQuery } from './search/page-query';
import { buildQuery, parseAddress } from './search/params';

/** CSS pixels above the grid, about: the header, and the search in words. */
const ABOVE_GRID = 300;

async function ask<Answer>(path: string, use: (answer: Answer) => Promise<void> | void): Promise<void> {
  const answer = await earlyAnswers.ask(path);
  if (answer.ok) await use((await answer.clone().json()) as Answer);
}

/** What stands above the grid: lines of filters, or the shelves of the front page, which a small library without tags lacks. */
function findAbove({ images, next }: Pick<ImagePage, 'images' | 'next'>): 'shelves' | 'filters' | null {
  const names = [...new URLSearchParams(location.search).keys()];
  if (names.some((name) => !['q', 'sort', 'expand'].includes(name))) return 'filters';
  const isFront = location.pathname === '/' && names.length === 0;
  return isFront && (next !== null || images.some(({ tags }) => tags.length > 0)) ? 'shelves' : null;
}

/** The grid is as wide as the page without the margins of the section `results` in SearchPage. */
async function showFirstScreen({ images, next, corrected, related, relaxed }: ImagePage): Promise<void> {
  // The page says above these pictures how it has come to them, in however many lines.
  if (corrected || related || relaxed) return;
  const page = document.documentElement.clientWidth;
  const margin = page <= 620 ? 4 : Math.min(40, Math.max(16, 0.026 * page));
  const bottom = innerHeight - ABOVE_GRID;
  const { tiles, rows } = computeLayout(images, chooseOptions(chooseWidth(page, margin)));
  const shown = tiles.slice(...findTilesBetween(rows, 0, bottom));
  // Whoever comes back to a place further down sees that.
  if ((history.state as { scroll?: number } | null)?.scroll) return;
  if (shown.length > 0)
    await showFirstTiles(images, shown, findLargestTile(shown, bottom), findAbove({ images, next }));
}

/** Asks for what an address of the page needs. Resolves once the largest picture is on its way, or shown. */
export function askEarly({
  pathname,
  search,
  hash,
}: Pick<Location, 'pathname' | 'search' | 'hash'>): Promise<void> {
  const route = parseRoute(pathname);
  // A sign-in link that is no good leads to another page, and to no pictures in between.
  if (sessionStorage.getItem(PRIVATE_KEY) !== null || hash.includes('token=')) return Promise.resolve();
  if (route.name === 'picture') return ask<Image>(buildImagePath(route.id), prefetchPicture);
  if (route.name !== 'search') return Promise.resolve();
  const query = buildPageQuery(buildQuery(parseAddress(pathname, search)));
  return ask<ImagePage>(buildSearchPath(query), showFirstScreen);
}

/** Ms since the page was opened, after which its script no longer waits for the picture. */
const PICTURE_LIMIT = 1500;

/**
 * In the page of a picture, which has the picture in its HTML, the page's script waits for the picture: on a slow line
 * they would share it, and people have come for the picture. Of the backend, stockroom/api/sharing/picture_body.py writes the
 * picture, and page_template.py beside it makes the script wait (`data-src`).
 */
export async function startWaitingScript(): Promise<void> {
  // This script may be there before the page is, on a line that stops in the middle of the page.
  if (document.readyState === 'loading')
    await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve));
  const waiting = document.querySelector<HTMLScriptElement>('script[data-src]');
  if (waiting === null) return;
  const picture = document.querySelector<HTMLImageElement>('.first-picture img');
  const limit = new Promise((resolve) => setTimeout(resolve, PICTURE_LIMIT - performance.now()));
  await Promise.race([picture?.decode().catch(() => undefined), limit]);
  const script = document.createElement('script');
  script.type = 'module';
  script.src = waiting.dataset['src'] ?? '';
  waiting.replaceWith(script);
}

void startWaitingScript();

// The page asks again, and says what is wrong.
askEarly(location).then(earlyAnswers.noteHandled, earlyAnswers.noteHandled);

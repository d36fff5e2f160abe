/**
 * What a browser fetches while the page's script is still on its way: the answer of the API that this address needs, and
 * the largest picture of the first screen. Everything here is small and free of Svelte. Whatever is missed here, the
 * page fetches itself.
 */
import { earlyAnswers, PRIVATE_KEY } from './api/early-answers';
import { buildImagePath, buildSearchPath } from './api/paths';
import type { Image, ImagePage } from './api/types';
import { parseRoute } from './app/routes';
import { chooseOptions, computeLayout, findLargestTile } from './pictures/justified-layout';
import { prefetchPicture, prefetchTile } from './pictures/renditions';
import { buildPageQuery } from './search/page-query';
import { buildQuery, parseAddress } from './search/params';

/** CSS pixels above the grid, about: the header, and the search in words. */
const ABOVE_GRID = 300;

async function ask<Answer>(path: string, use: (answer: Answer) => void): Promise<void> {
  const answer = await earlyAnswers.ask(path);
  if (answer.ok) use((await answer.clone().json()) as Answer);
}

/** The grid is as wide as the page without the margins of the section `results` in SearchPage. */
function prefetchLargestTile({ images }: ImagePage): void {
  const page = document.documentElement.clientWidth;
  const margin = page <= 620 ? 4 : Math.min(40, Math.max(16, 0.026 * page));
  const { tiles } = computeLayout(images, chooseOptions(page - 2 * margin));
  const image = images[findLargestTile(tiles, innerHeight - ABOVE_GRID)];
  if (image !== undefined) prefetchTile(image);
}

/** Asks for what an address of the page needs. */
export function askEarly({ pathname, search }: Pick<Location, 'pathname' | 'search'>): Promise<void> {
  const route = parseRoute(pathname);
  if (sessionStorage.getItem(PRIVATE_KEY) !== null) return Promise.resolve();
  if (route.name === 'picture') return ask<Image>(buildImagePath(route.id), prefetchPicture);
  if (route.name !== 'search') return Promise.resolve();
  const query = buildPageQuery(buildQuery(parseAddress(pathname, search)));
  return ask<ImagePage>(buildSearchPath(query), prefetchLargestTile);
}

// The page asks again, and says what is wrong.
askEarly(location).then(earlyAnswers.noteHandled, earlyAnswers.noteHandled);

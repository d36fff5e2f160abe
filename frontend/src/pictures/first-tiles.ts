/**
 * The pictures of the first screen, before the page that shows them is there. On a slow phone the page's script takes a
 * second to arrive and to run. Meanwhile the pictures stand where the grid will have them, in a layer of their own that
 * takes no clicks. The layer follows the grid to its place, and goes once the grid shows the same pictures.
 */
import type { Image } from '../api/types';
import type { Tile } from './justified-layout';
import { fillPicture, listSources } from './renditions';

/** Ms in which a picture of the grid fades in (`--fade` of PictureTile). */
const FADE = 400;

/** Ms after which the layer goes at the latest, whatever the search shows instead. On another page it goes at once. */
const LIMIT = 3000;

/**
 * Shows pictures in the places of these tiles, in the small rendition. The file of the picture at `largest` is fetched
 * before the others, as all of them share the line. Resolves once that picture is on the screen, or cannot be shown.
 * `above`: what the page will have above the grid, beside its header and its heading.
 */
export async function showFirstTiles(
  images: readonly Image[],
  tiles: readonly Tile[],
  largest: number,
  above: 'shelves' | 'filters' | null,
): Promise<void> {
  const layer = document.createElement('div');
  layer.className = 'first-tiles';
  if (above !== null) layer.classList.add(`below-${above}`);
  layer.ariaHidden = 'true';
  const fillers = tiles.map((tile, index) => addPlace(layer, tile, images[index] as Image));
  document.body.append(layer);
  follow(layer, `#app [data-picture-id="${images[0]?.id}"]`);
  await fillers[largest]?.('high');
  for (const fill of fillers) void fill('auto');
  // The first frame is drawn before the second one begins.
  await nextFrame();
  await nextFrame();
}

function nextFrame(): Promise<unknown> {
  return new Promise(requestAnimationFrame);
}

/** Adds the place of a picture to the layer. Returns what fetches the file, once, and resolves when the browser can draw it. */
function addPlace(
  layer: Element,
  { left, top, width, height, shown }: Tile,
  { urls, color }: Image,
): (priority: 'high' | 'auto') => Promise<unknown> {
  const place = document.createElement('picture');
  Object.assign(place.style, {
    insetInlineStart: `${left + (width - shown.width) / 2}px`,
    top: `${top + (height - shown.height) / 2}px`,
    width: `${shown.width}px`,
    height: `${shown.height}px`,
    backgroundColor: color,
  });
  layer.append(place);
  let shownFile: Promise<unknown> | undefined;
  return (fetchPriority) =>
    (shownFile ??= fillPicture(place, listSources(urls, '240p'), {
      alt: '',
      fetchPriority,
      src: urls['240p'],
    })
      .decode()
      // The tile below says what is wrong.
      .catch(() => place.remove()));
}

/** Moves the layer with the grid, which has the tile `first`, and takes it away once it is not needed. */
function follow(layer: HTMLElement, first: string): void {
  let endsAt = Infinity;
  let moved = 0;
  const place = innerWidth + location.pathname;

  function check(now: number): void {
    const grid = document.querySelector(first)?.closest('ul');
    if (grid?.getClientRects().length) {
      const [from, to] = [layer.getBoundingClientRect(), grid.getBoundingClientRect()];
      moved += to.top - from.top;
      // A layer that is moved so is no layout that shifts.
      layer.style.translate = `0 ${moved}px`;
      if (grid.querySelector('[loading=eager]:not([data-loaded])') === null)
        endsAt = Math.min(endsAt, now + FADE);
    } else if (layer.style.translate !== '') endsAt = now;
    // A phone that is turned has another layout, and another page has no such grid.
    if (innerWidth + location.pathname !== place) endsAt = now;
    if (document.querySelector('#app > *')) endsAt = Math.min(endsAt, now + LIMIT);
    if (now < endsAt) requestAnimationFrame(check);
    else layer.remove();
  }

  requestAnimationFrame(check);
}

/**
 * Rows of pictures that are as wide as the page, in which every picture keeps its shape. Rows are filled in order, so
 * pictures that are added later move no row but the last one.
 */

/** Pixels of a picture. */
export interface Shape {
  width: number;
  height: number;
}

export interface LayoutOptions {
  /** Of the whole, in CSS pixels, as all that follows. */
  width: number;
  gap: number;
  /** Height that rows come close to. */
  height: number;
  /** A row is lower only if it has a panorama that would not fit into the page otherwise. */
  minHeight: number;
  maxHeight: number;
}

/** The place of one picture. It fills its tile, unless it is smaller than the row is high, or too thin or flat to be seen. */
export interface Tile {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Size of the picture in the middle of its tile: never cut off, stretched or enlarged. */
  shown: Shape;
}

export interface Row {
  top: number;
  height: number;
  /** Index of its first tile, and of the first one after it. */
  first: number;
  end: number;
}

export interface Layout {
  tiles: readonly Tile[];
  rows: readonly Row[];
  height: number;
}

/** A tile is at least so wide and so high, so that it can be seen and touched. */
const MIN_TILE = 44;

/** How many times as high as usual the last row may be, to be as wide as the page. */
const MAX_STRETCH = 1.05;

/**
 * A row has one photograph in landscape, one with another one in portrait, or two or three in portrait. None is higher than
 * the small rendition, so that this can be shown first without being enlarged.
 */
const PHONE: Omit<LayoutOptions, 'width'> = { gap: 4, height: 200, minHeight: 150, maxHeight: 240 };
/** On a page of up to so many pixels, rows are so wide that a photograph of 3 by 2 is as high as its small rendition. */
const NARROW = 440;
const NARROW_WIDTH = 360;
const DESK: Omit<LayoutOptions, 'width'> = { gap: 10, height: 220, minHeight: 150, maxHeight: 380 };
const WALL: Omit<LayoutOptions, 'width'> = { gap: 12, height: 270, minHeight: 190, maxHeight: 440 };

/** Pixels of the rows on a page, beside which so many are left free at each side at least (`ul` of PictureGrid). */
export function chooseWidth(page: number, margin: number): number {
  return Math.min(page - 2 * margin, page > NARROW ? Infinity : NARROW_WIDTH);
}

/** The options for rows of so many pixels. */
export function chooseOptions(width: number): LayoutOptions {
  return { ...(width < 620 ? PHONE : width < 1800 ? DESK : WALL), width };
}

export function computeLayout(shapes: readonly Shape[], options: LayoutOptions): Layout {
  const tiles: Tile[] = [];
  const rows: Row[] = [];
  let first = 0;
  let widths = 0;

  function addRow(end: number, height: number): void {
    const last = rows.at(-1);
    const top = last === undefined ? 0 : last.top + last.height + options.gap;
    tiles.push(...placeTiles(shapes.slice(first, end), top, height, options));
    rows.push({ top, height: Math.round(height), first, end });
    first = end;
  }

  for (let index = 0; index < shapes.length; index += 1) {
    widths += fitWidth(getShape(shapes, index), options.height, options.width);
    while (first <= index && widths + options.gap * (index - first) >= options.width) {
      const end = chooseEnd(shapes, first, index, options);
      addRow(end, clamp(fillHeight(shapes.slice(first, end), options), options));
      widths = first > index ? 0 : fitWidth(getShape(shapes, index), options.height, options.width);
    }
  }
  // The last row is not stretched to the width of the page, unless its end would look like a crooked edge.
  if (first < shapes.length) {
    const filled = fillHeight(shapes.slice(first), options);
    addRow(shapes.length, filled <= MAX_STRETCH * options.height ? filled : options.height);
  }
  const last = rows.at(-1);
  return { tiles, rows, height: last === undefined ? 0 : last.top + last.height };
}

/** Indices of the first tile between two heights, and of the first one below them. */
export function findTilesBetween(rows: readonly Row[], top: number, bottom: number): [number, number] {
  const from = rows[findRow(rows, (row) => row.top + row.height >= top)];
  if (from === undefined || from.top > bottom) return [0, 0];
  const to = rows[findRow(rows, (row) => row.top > bottom) - 1];
  return [from.first, to?.end ?? from.end];
}

/** Index of the tile of which most is above `bottom`: of equals the first one, and -1 where there is none. */
export function findLargestTile(tiles: readonly Tile[], bottom: number): number {
  const areas = tiles.map(({ top, shown }) => shown.width * Math.min(shown.height, bottom - top));
  return areas.indexOf(Math.max(...areas));
}

export type Direction = 'left' | 'right' | 'up' | 'down' | 'start' | 'end';

/** Index of the tile to which a key leads from another one; the same index where there is none. */
export function findNextTile({ rows, tiles }: Layout, index: number, direction: Direction): number {
  const rowIndex = findRow(rows, (row) => row.end > index);
  const row = rows[rowIndex];
  const tile = tiles[index];
  if (row === undefined || tile === undefined) return index;
  if (direction === 'start') return row.first;
  if (direction === 'end') return row.end - 1;
  if (direction === 'left') return Math.max(0, index - 1);
  if (direction === 'right') return Math.min(tiles.length - 1, index + 1);
  const target = rows[rowIndex + (direction === 'up' ? -1 : 1)];
  if (target === undefined) return index;
  const middle = tile.left + tile.width / 2;
  let best = target.first;
  for (let other = target.first; other < target.end; other += 1) {
    if (computeDistance(tiles[other], middle) < computeDistance(tiles[best], middle)) best = other;
  }
  return best;
}

function computeDistance(tile: Tile | undefined, x: number): number {
  return tile === undefined ? Infinity : Math.abs(tile.left + tile.width / 2 - x);
}

/** Index of the first row for which `test` holds, as it does for all rows below. */
function findRow(rows: readonly Row[], test: (row: Row) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && test(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether a row that is full with the picture at `index` ends after it, or before it: whichever height is nearer. */
function chooseEnd(shapes: readonly Shape[], first: number, index: number, options: LayoutOptions): number {
  if (index === first) return index + 1;
  const after = fillHeight(shapes.slice(first, index + 1), options);
  const before = fillHeight(shapes.slice(first, index), options);
  if (before > options.maxHeight) return index + 1;
  if (after < options.minHeight) return index;
  return before / options.height < options.height / after ? index : index + 1;
}

/** The height at which the pictures fill the width; Infinity when they are too small for it at any height. */
function fillHeight(shapes: readonly Shape[], { width, gap }: LayoutOptions): number {
  const room = width - gap * (shapes.length - 1);
  const proportional = room / sum(shapes, (shape) => shape.width / shape.height);
  const measure = (height: number): number => sum(shapes, (shape) => fitWidth(shape, height, width));
  // Nearly always no picture is too small, thin or wide, and all widths are in proportion to the height.
  if (Math.abs(measure(proportional) - room) < 1e-6) return proportional;
  let low = 0;
  let high = 4 * width;
  if (measure(high) < room) return Infinity;
  // The widths grow with the height, in pieces that are straight.
  for (let step = 0; step < 40 && high - low > 1e-6; step += 1) {
    const middle = (low + high) / 2;
    if (measure(middle) < room) low = middle;
    else high = middle;
  }
  return high;
}

function placeTiles(shapes: readonly Shape[], top: number, height: number, options: LayoutOptions): Tile[] {
  const tiles: Tile[] = [];
  const widths = shapes.map((shape) => fitWidth(shape, height, options.width));
  const excess = sum(widths, (width) => width) + options.gap * (shapes.length - 1) - options.width;
  // A panorama that would make the row too low to be touched is itself less high than the row.
  if (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - excess;
  }
  let right = 0;
  for (const [index, shape] of shapes.entries()) {
    const left = right + (index === 0 ? 0 : options.gap);
    right = left + (widths[index] ?? 0);
    // Whole pixels, without errors that add up.
    const start = Math.round(left);
    const box = { width: Math.round(right) - start, height: Math.round(height) };
    tiles.push({ left: start, top, ...box, shown: fitShape(shape, box) });
  }
  return tiles;
}

/** Size of a picture in a tile. A picture that fills its tile but for the rounding fills it. */
function fitShape(shape: Shape, tile: Shape): Shape {
  const scale = Math.min(1, tile.width / shape.width, tile.height / shape.height);
  const width = Math.max(1, Math.round(shape.width * scale));
  const height = Math.max(1, Math.round(shape.height * scale));
  const ratio = shape.width / shape.height;
  const isFilled = tile.width - width <= Math.max(2, ratio) && tile.height - height <= Math.max(2, 1 / ratio);
  return isFilled && tile.height <= shape.height
    ? { width: tile.width, height: tile.height }
    : { width, height };
}

/** Width of the tile of a picture in a row of this height. */
function fitWidth(shape: Shape, height: number, maxWidth: number): number {
  const natural = (shape.width / shape.height) * Math.min(height, shape.height);
  return Math.min(maxWidth, Math.max(Math.min(MIN_TILE, maxWidth), natural));
}

function clamp(height: number, options: LayoutOptions): number {
  if (height === Infinity) return options.height;
  return Math.min(options.maxHeight, Math.max(MIN_TILE, height));
}

function sum<T>(items: readonly T[], measure: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += measure(item);
  return total;
}

function getShape(shapes: readonly Shape[], index: number): Shape {
  const shape = shapes[index];
  if (shape === undefined) throw new RangeError('There is no such picture.');
  return shape;
}

import { describe, expect, it } from 'vitest';
import {
  chooseOptions,
  chooseWidth,
  computeLayout,
  findNextTile,
  findLargestTile,
  findTilesBetween,
  type Layout,
  type Shape,
} from '../../src/pictures/justified-layout';

/** Numbers from 0 to 1, the same ones for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Photographs for the most part; also panoramas, towers and icons. */
function createShapes(count: number, random: () => number): Shape[] {
  const usual = [
    [6000, 4000],
    [3024, 4032],
    [1200, 1200],
    [1600, 900],
  ] as const;
  return Array.from({ length: count }, () => {
    const [width, height] = usual[Math.floor(random() * usual.length)] ?? [1, 1];
    if (random() < 0.85) return { width, height };
    return { width: 1 + Math.floor(random() ** 4 * 20_000), height: 1 + Math.floor(random() ** 4 * 20_000) };
  });
}

const CASES = [320, 375, 390, 619, 620, 1000, 1440, 1920, 2560].flatMap((width) =>
  [0, 1, 2, 7, 60, 400].map((count): [number, number] => [width - 20, count]),
);

function layOut(width: number, count: number): { shapes: Shape[]; layout: Layout } {
  const shapes = createShapes(count, createRandom(width * 1000 + count));
  return { shapes, layout: computeLayout(shapes, chooseOptions(width)) };
}

describe('computeLayout', () => {
  it.each(CASES)('cuts off, stretches and enlarges nothing, %i pixels wide, %i pictures', (width, count) => {
    const { shapes, layout } = layOut(width, count);
    expect(layout.tiles).toHaveLength(count);
    layout.tiles.forEach((tile, index) => {
      const shape = shapes[index] ?? { width: 0, height: 0 };
      const { shown } = tile;
      expect(shown.width).toBeLessThanOrEqual(Math.min(tile.width, shape.width + 1));
      expect(shown.height).toBeLessThanOrEqual(Math.min(tile.height, shape.height));
      // But for the rounding to whole pixels, of which a thin picture has few.
      const ratio = shape.width / shape.height;
      const error = Math.min(
        Math.abs(shown.width - ratio * shown.height),
        ratio * Math.abs(shown.height - shown.width / ratio),
      );
      expect(error).toBeLessThanOrEqual(Math.max(2, ratio));
    });
  });

  it.each(CASES)('keeps tiles apart and within the page, %i pixels wide, %i pictures', (width, count) => {
    const { layout } = layOut(width, count);
    const { gap } = chooseOptions(width);
    let bottom = -gap;
    for (const row of layout.rows) {
      expect(row.top).toBe(bottom + gap);
      bottom = row.top + row.height;
      let right = -gap;
      for (const tile of layout.tiles.slice(row.first, row.end)) {
        expect(Math.abs(tile.left - (right + gap))).toBeLessThanOrEqual(1);
        expect(tile.width).toBeGreaterThanOrEqual(44);
        expect([tile.top, tile.height]).toEqual([row.top, row.height]);
        right = tile.left + tile.width;
      }
      expect(right).toBeLessThanOrEqual(width);
    }
    expect(layout.height).toBe(Math.max(0, bottom));
  });

  it.each(CASES)('has rows of a readable height, %i pixels wide, %i pictures', (width, count) => {
    const { shapes, layout } = layOut(width, count);
    const { gap, minHeight, maxHeight } = chooseOptions(width);
    expect(minHeight).toBeGreaterThanOrEqual(120);
    for (const row of layout.rows) {
      expect(row.height).toBeLessThanOrEqual(maxHeight);
      if (row.height >= minHeight) continue;
      // A row with a panorama, at a readable height, would be wider than the page.
      const widths = shapes
        .slice(row.first, row.end)
        .map((shape) => Math.max(44, (shape.width / shape.height) * Math.min(minHeight, shape.height)));
      const together = widths.reduce((sum, each) => sum + each, gap * (widths.length - 1));
      expect(together).toBeGreaterThan(width);
      expect(row.height).toBeGreaterThanOrEqual(44);
    }
  });

  it.each(CASES)('has nothing around a picture, %i pixels wide, %i pictures', (width, count) => {
    const { shapes, layout } = layOut(width, count);
    layout.tiles.forEach(({ shown, ...tile }, index) => {
      const shape = shapes[index] ?? { width: 0, height: 0 };
      const ratio = shape.width / shape.height;
      const isTiny = shape.width < tile.width || shape.height < tile.height;
      const isThin = ratio * tile.height < 44;
      const isFlat = tile.width / ratio < 44;
      if (isTiny || isThin || isFlat) return;
      expect(shown).toEqual({ width: tile.width, height: tile.height });
    });
  });

  it.each([300, 370, 1240, 1920])('fills every row but the last, %i pixels wide', (width) => {
    const shapes = Array.from({ length: 50 }, (_, index) => ({
      width: index % 3 === 0 ? 3000 : 6000,
      height: 4000,
    }));
    const { rows, tiles } = computeLayout(shapes, chooseOptions(width));
    for (const row of rows.slice(0, -1)) {
      const last = tiles[row.end - 1];
      expect((last?.left ?? 0) + (last?.width ?? 0)).toBe(width);
    }
    expect(rows.at(-1)?.height).toBeLessThanOrEqual(1.05 * chooseOptions(width).height);
  });

  it.each([
    [{ width: 1600, height: 900 }, 360, 203],
    [{ width: 1280, height: 853 }, 312, 208],
    [{ width: 5500, height: 1000 }, 1240, 225],
  ])('fills the last row, too, where %o is nearly as wide as %i pixels', (shape, width, height) => {
    const { rows, tiles } = computeLayout([shape], chooseOptions(width));
    expect(tiles.map(({ left, shown }) => [left, shown])).toEqual([[0, { width, height }]]);
    expect(rows.map((row) => row.height)).toEqual([height]);
  });

  it('leaves the last row as high as the others where it would be enlarged by more, or a picture is too small', () => {
    for (const shape of [
      { width: 1700, height: 1000 },
      { width: 356, height: 200 },
    ]) {
      const { rows, tiles } = computeLayout([shape], chooseOptions(360));
      expect(rows.map(({ height }) => height)).toEqual([200]);
      expect(tiles[0]?.width).toBeLessThan(360);
    }
  });

  it('does not move the rows above when pictures are added', () => {
    const shapes = createShapes(300, createRandom(7));
    const options = chooseOptions(1240);
    const all = computeLayout(shapes, options);
    for (let count = 1; count < shapes.length; count += 13) {
      const some = computeLayout(shapes.slice(0, count), options);
      expect(all.rows.slice(0, some.rows.length - 1)).toEqual(some.rows.slice(0, -1));
      const { first = 0 } = some.rows.at(-1) ?? {};
      expect(all.tiles.slice(0, first)).toEqual(some.tiles.slice(0, first));
    }
  });

  it('shows a tiny picture as it is, and a panorama whole', () => {
    const tiny = { width: 60, height: 40 };
    const panorama = { width: 20_000, height: 1000 };
    const { tiles } = computeLayout([tiny, panorama, panorama], chooseOptions(370));
    expect(tiles.map(({ shown }) => shown)).toEqual([
      tiny,
      { width: 306, height: 15 },
      { width: 370, height: 19 },
    ]);
    expect(tiles.map(({ height }) => height)).toEqual([44, 44, 44]);
    expect(tiles.map(({ width }) => width)).toEqual([60, 306, 370]);
  });
});

describe('on a phone', () => {
  const LANDSCAPE = { width: 6000, height: 4000 };
  const PORTRAIT = { width: 4000, height: 6000 };

  it.each([320, 360, 375, 390, 412, 430, 440])(
    'a photograph of a camera has a row, %i pixels wide',
    (page) => {
      const width = chooseWidth(page, 4);
      const { rows } = computeLayout(Array(4).fill(LANDSCAPE), chooseOptions(width));
      expect(rows.map(({ first, end }) => end - first)).toEqual([1, 1, 1, 1]);
      for (const { height } of rows.slice(0, -1))
        expect(Math.abs(height - width / 1.5)).toBeLessThanOrEqual(0.5);
    },
  );

  it.each([360, 390, 430])('a photograph in portrait has no slice, %i pixels wide', (page) => {
    const shapes = [PORTRAIT, LANDSCAPE, PORTRAIT, PORTRAIT, PORTRAIT, LANDSCAPE, LANDSCAPE, PORTRAIT];
    const { tiles } = computeLayout(shapes, chooseOptions(chooseWidth(page, 4)));
    for (const { width, height } of tiles.slice(0, -1)) {
      expect(width).toBeGreaterThanOrEqual(105);
      expect(height).toBeGreaterThanOrEqual(150);
    }
  });

  it('rows are as wide as the page where two photographs in a row can be made out', () => {
    expect([441, 600, 1440].map((page) => chooseWidth(page, 4))).toEqual([433, 592, 1432]);
  });

  it.each(CASES.filter(([width]) => width < 600))(
    'the small rendition is as large as a picture is shown, %i pixels wide, %i pictures',
    (width, count) => {
      const { shapes, layout } = layOut(width, count);
      layout.tiles.forEach(({ shown }, index) => {
        const { height = 0 } = shapes[index] ?? {};
        expect(shown.height).toBeLessThanOrEqual(Math.min(240, height));
      });
    },
  );
});

describe('findTilesBetween', () => {
  it('finds the tiles of all rows that are in view, and no other', () => {
    const { layout } = layOut(1220, 400);
    for (let top = -500; top < layout.height + 500; top += 97) {
      const bottom = top + 900;
      const [first, end] = findTilesBetween(layout.rows, top, bottom);
      const seen = layout.tiles.flatMap((tile, index) =>
        tile.top <= bottom && tile.top + tile.height >= top ? [index] : [],
      );
      expect(end - first).toBe(seen.length);
      if (seen.length > 0) expect([first, end - 1]).toEqual([seen[0], seen.at(-1)]);
    }
    expect(findTilesBetween([], 0, 900)).toEqual([0, 0]);
  });
});

describe('findNextTile', () => {
  const { layout } = layOut(1220, 60);

  it('goes on from row to row with the arrows to the sides, and stops at both ends', () => {
    expect(findNextTile(layout, 0, 'left')).toBe(0);
    expect(findNextTile(layout, 0, 'right')).toBe(1);
    expect(findNextTile(layout, 59, 'right')).toBe(59);
    expect(findNextTile(layout, 60, 'right')).toBe(60);
  });

  it('goes to the tile below or above that is nearest, and to the ends of a row', () => {
    const [first, second] = layout.rows;
    if (first === undefined || second === undefined) throw new Error('There are too few rows.');
    expect(findNextTile(layout, 0, 'up')).toBe(0);
    expect(findNextTile(layout, 0, 'down')).toBe(second.first);
    expect(findNextTile(layout, second.first, 'up')).toBe(0);
    expect(findNextTile(layout, first.first, 'end')).toBe(first.end - 1);
    expect(findNextTile(layout, first.end - 1, 'down')).toBe(second.end - 1);
    expect(findNextTile(layout, second.end - 1, 'start')).toBe(second.first);
    expect(findNextTile(layout, 59, 'down')).toBe(59);
  });
});

describe('findLargestTile', () => {
  it('finds the tile of which most is on the screen, of equals the first one', () => {
    const shapes = [
      { width: 1600, height: 900 },
      { width: 1500, height: 1000 },
      { width: 1600, height: 900 },
      { width: 1600, height: 900 },
    ];
    const { tiles } = computeLayout(shapes, { ...chooseOptions(370), maxHeight: 420 });
    expect(findLargestTile(tiles, 2000)).toBe(1);
    // Of the second row, only the upper part is there.
    expect(findLargestTile(tiles, 300)).toBe(0);
    expect(findLargestTile([], 300)).toBe(-1);
  });
});

import { expect, it } from 'vitest';
import { parseAddress } from '../../src/search/params';
import { findTypedFilters } from '../../src/search/typed-filters';

const find = (q: string, more = ''): [string, string, string][] =>
  findTypedFilters(parseAddress('/', new URLSearchParams({ q }).toString() + more)).map(
    ({ label, params: { q: rest, license, orientation, color } }) => [
      label,
      rest,
      `${license}${orientation}${color}`,
    ],
  );

it.each([
  ['free to use', 'Free to use', '', 'free'],
  ['dog free', 'Free to use', 'dog', 'free'],
  ['kostenlos Hund', 'Free to use', 'Hund', 'free'],
  ['royalty-free boats', 'Free to use', 'boats', 'free'],
  ['Creative Commons Berlin', 'Free to use', 'Berlin', 'free'],
  ['free photos', 'Free to use', '', 'free'],
  ['dog free pictures', 'Free to use', 'dog', 'free'],
  ['free download dog', 'Free to use', 'dog', 'free'],
  ['freie Bilder Hund', 'Free to use', 'Hund', 'free'],
  ['Hund frei verwendbar', 'Free to use', 'Hund', 'free'],
  ['lizenzfreie Bilder', 'Free to use', '', 'free'],
  ['no copyright sunset', 'CC0 1.0 (public domain)', 'sunset', 'CC0-1.0'],
  ['sunset copyright-free', 'CC0 1.0 (public domain)', 'sunset', 'CC0-1.0'],
  ['no credit needed', 'CC0 1.0 (public domain)', '', 'CC0-1.0'],
  ['boats no attribution', 'CC0 1.0 (public domain)', 'boats', 'CC0-1.0'],
  ['Hund ohne Copyright', 'CC0 1.0 (public domain)', 'Hund', 'CC0-1.0'],
  ['rechtefrei', 'CC0 1.0 (public domain)', '', 'CC0-1.0'],
  ['Hund ohne Namensnennung', 'CC0 1.0 (public domain)', 'Hund', 'CC0-1.0'],
  ['gemeinfrei', 'CC0 1.0 (public domain)', '', 'CC0-1.0'],
  ['license:cc0', 'CC0 1.0 (public domain)', '', 'CC0-1.0'],
  ['dog licence:CC0-1.0', 'CC0 1.0 (public domain)', 'dog', 'CC0-1.0'],
  ['Public Domain', 'CC0 1.0 (public domain)', '', 'CC0-1.0'],
  ['cc-by', 'CC BY 4.0', '', 'CC-BY-4.0'],
  ['CC BY 4.0 dog', 'CC BY 4.0', 'dog', 'CC-BY-4.0'],
  ['dog cc by 3.0', 'CC BY 3.0', 'dog', 'CC-BY-3.0'],
  ['cc-by-sa', 'CC BY-SA 4.0', '', 'CC-BY-SA-4.0'],
  ['ccby sa 3.0 dog', 'CC BY-SA 3.0', 'dog', 'CC-BY-SA-3.0'],
  ['license:CC-BY-NC-SA-4.0 dog', 'CC BY-NC-SA 4.0', 'dog', 'CC-BY-NC-SA-4.0'],
  ['cc by nc nd', 'CC BY-NC-ND 4.0', '', 'CC-BY-NC-ND-4.0'],
  ['cc-by-nd', 'CC BY-ND 4.0', '', 'CC-BY-ND-4.0'],
  ['cc by 12 dogs', 'CC BY 4.0', '12 dogs', 'CC-BY-4.0'],
  ['cc-by-nc', 'CC BY-NC 4.0', '', 'CC-BY-NC-4.0'],
  ['Berge  Hochformat', 'portrait', 'Berge', 'portrait'],
  ['quer', 'landscape', '', 'landscape'],
  ['color:red car', 'red', 'car', 'red'],
  ['farbe:grün', 'green', '', 'green'],
  ['rote Autos', 'red', 'Autos', 'red'],
  ['Blaues Haus', 'blue', 'Haus', 'blue'],
  ['"free to use" "red boat"', 'Free to use', '"red boat"', 'free'],
])('reads a filter in “%s”', (q, label, rest, value) => {
  expect(find(q)).toEqual([[label, rest, value]]);
});

it('offers each filter once, and none that is set', () => {
  expect(find('free cc0 red blue square')).toEqual([
    ['Free to use', 'cc0 red blue square', 'free'],
    ['square', 'free cc0 red blue', 'square'],
    ['red', 'free cc0 blue square', 'red'],
  ]);
  expect(find('free', '&license=CC0-1.0')).toEqual([]);
});

it.each([
  'freedom',
  'copyright',
  'commercial',
  'boats for commercial use',
  'kommerzielle Nutzung',
  'cc by 2.0',
  'cc-by-2.5 dog',
  'cc by sa 2.0',
  'cc by-sa-2.0',
  'cc by nc sa 2.0',
  'cc by nc sa 3',
  'cc by-nd 3.0 dog',
  'barrier-free',
  'redwood',
  'squares',
  '-red',
  '-cc-by',
  'cc',
  'cc-by-xy',
  'title:free',
  '"red boat"',
  '"old red" boat',
  '"a boat that is red"',
  '',
])('leaves “%s” alone', (q) => {
  expect(find(q)).toEqual([]);
});

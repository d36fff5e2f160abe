import { expect, it } from 'vitest';
import { readIds } from '../../../src/manage/takedown/ids';

const A = '0123456789ABC';
const B = 'ZYXWVTSRQPNMK';

it.each([
  ['an id', A, [A]],
  ['links of pages', `https://pictures.example/p/${A} https://pictures.example/picture/${B}?x=1`, [A, B]],
  ['the link of a file', `https://pictures.example/i/${A}/v1/240p.jpg`, [A]],
  ['lines, with one picture twice', `${A}\n/p/${A},\n${B}`, [A, B]],
  ['nothing', ' \n', []],
])('finds the pictures in %s', (_, text, ids) => {
  expect(readIds(text)).toEqual({ ids, unknown: [] });
});

it.each(['photo.jpg', 'https://pictures.example/', `${A}A`, `x${A}`])('names what is none: %s', (text) => {
  expect(readIds(`${A} ${text}`)).toEqual({ ids: [A], unknown: [text] });
});

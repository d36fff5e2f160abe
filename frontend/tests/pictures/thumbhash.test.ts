import { expect, it } from 'vitest';
import { decodeThumbhash } from '../../src/pictures/thumbhash';

it('makes a CSS image', () => {
  expect(decodeThumbhash('1QcSHQRnh493V4dIh4eXh1h4kJUI')).toMatch(/^url\(data:image\/png;base64,/);
});

it.each(['', 'not base64!'])('makes none from %j', (text) => {
  expect(decodeThumbhash(text)).toBeNull();
});

import { expect, it } from 'vitest';
import { listSearchedWords, replaceWord } from '../../src/search/query-words';

it.each([
  ['strand', ['strand']],
  ['  red   boat ', ['red', 'boat']],
  ['red -car #sea by:anna “boat”', ['red', '“boat”']],
  ['#sea -car', []],
  ['', []],
])('the words that somebody looks for in %o', (query, words) => {
  expect(listSearchedWords(query)).toEqual(words);
});

it.each([
  ['animal', 'animal', 'bird'],
  ['Wild  ANIMAL, at night', 'animal', 'Wild bird, at night'],
  ['Öfen', 'ofen', 'bird'],
  ['Straße', 'strasse', 'bird'],
  ['animals animal-like', 'animal', 'animals bird-like'],
  [
    '#animal -animal by:animal desc:"an animal" "wild animal" animal',
    'animal',
    '#animal -animal by:animal desc:"an animal" "wild animal" bird',
  ],
])('puts a word in the place of one of %o', (query, typed, expected) => {
  expect(replaceWord(query, typed, 'bird')).toBe(expected);
});

import { describe, expect, it } from 'vitest';
import { findField, isSameValue, listLabels, readFields } from '../../../src/manage/fields/fields';
import { createImage } from '../../fixtures';

it('leaves the tags of a description to the description', () => {
  const image = { ...createImage('a'), description: 'At the #Sea', tags: ['harbour', 'sea'] };
  expect(readFields(image).tags).toEqual(['harbour']);
  // As it was stored before its second dot was left out.
  const older = { ...createImage('a'), description: '#\u0130stanbul', tags: ['i\u0307stanbul'] };
  expect(readFields(older).tags).toEqual([]);
});

it('compares tags as a set, and texts without the space around them', () => {
  const values = readFields({ ...createImage('a'), tags: ['a b', 'c'], credit: 'Ann' });
  expect(isSameValue(values, { ...values, tags: ['c', 'a b'] }, 'tags')).toBe(true);
  expect(isSameValue(values, { ...values, tags: ['a', 'b c'] }, 'tags')).toBe(false);
  expect(isSameValue(values, { ...values, credit: ' Ann ' }, 'credit')).toBe(true);
});

it.each([
  [[], ''],
  [['name'], 'title'],
  [['name', 'license_url', 'tags'], 'title, address of the licence and tags'],
] as const)('names %j in a sentence', (names, text) => {
  expect(listLabels(names)).toBe(text);
});

describe('a place in a request', () => {
  it.each([
    ['/description', 'description'],
    ['/tags/3', 'tags'],
    ['/set/credit', 'credit'],
    ['/add_tags/0', 'tags'],
    ['/remove_tags', 'tags'],
    ['/ids/1', null],
    ['', null],
    ['?limit', null],
  ])('%s is the field %s', (pointer, name) => {
    expect(findField(pointer)).toBe(name);
  });
});

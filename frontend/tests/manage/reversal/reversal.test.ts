import { expect, it } from 'vitest';
import type { Image } from '../../../src/api/types';
import { FIELD_NAMES } from '../../../src/manage/fields/fields';
import { buildReversal } from '../../../src/manage/reversal/reversal';
import { createImage } from '../../fixtures';

function reverse(before: Partial<Image>, after: Partial<Image>, names = FIELD_NAMES) {
  const image = createImage('a');
  return buildReversal({ ...image, ...before }, { ...image, ...before, revision: 7, ...after }, names)
    ?.changes;
}

it('gives back what was changed, and nothing else', () => {
  expect(reverse({ credit: 'Eve', place: 'Oslo' }, { credit: 'Bob', license: 'CC0-1.0' })).toEqual({
    set: { credit: 'Eve', license: 'CC-BY-4.0' },
  });
  expect(reverse({ credit: 'Eve', place: 'Oslo' }, { credit: 'Bob', place: '' }, ['place'])).toEqual({
    set: { place: 'Oslo' },
  });
  expect(reverse({ credit: 'Eve' }, {})).toBeUndefined();
});

it('gives back a moment as the library has it, to the second, and none', () => {
  const embargo = '2030-05-01T12:00:07Z';
  expect(reverse({ embargo }, { embargo: null })).toEqual({ set: { embargo } });
  expect(reverse({}, { expires: embargo })).toEqual({ set: { expires: null } });
});

it('names the revision that the edit has made', () => {
  const image = createImage('a');
  expect(buildReversal(image, { ...image, name: 'b', revision: 7 }, ['name'])).toMatchObject({
    id: 'a',
    revision: 7,
  });
});

it.each([
  [['a'], ['a', 'b'], { remove_tags: ['b'] }],
  [['a', 'b'], ['a'], { add_tags: ['b'] }],
  [['a', 'b'], ['a', 'c'], { add_tags: ['b'], remove_tags: ['c'] }],
  // Added again, the first would stand behind the second.
  [['a', 'b'], ['b'], { set: { tags: ['a', 'b'] } }],
  [['a', 'b'], ['b', 'a'], { set: { tags: ['a', 'b'] } }],
  [[], [], undefined],
])('of tags, %j that became %j', (before, after, expected) => {
  expect(reverse({ tags: before }, { tags: after })).toEqual(expected);
});

it('leaves the tags of the description to the description', () => {
  expect(
    reverse({ tags: ['a', 'sea'], description: '#sea' }, { tags: ['a', 'sun'], description: '#sun' }),
  ).toEqual({ set: { description: '#sea' } });
});

it('gives tags back together with other fields', () => {
  expect(reverse({ tags: ['a', 'b'], credit: 'Eve' }, { tags: ['b'], credit: '' })).toEqual({
    set: { credit: 'Eve', tags: ['a', 'b'] },
  });
});

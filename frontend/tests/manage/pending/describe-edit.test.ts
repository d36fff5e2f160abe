import { expect, it } from 'vitest';
import { describeEdit } from '../../../src/manage/pending/describe-edit';
import { createImage } from '../../fixtures';

it('names the picture, and what its fields get', () => {
  const set = { description: 'A boat', tags: [], embargo: null };
  expect(describeEdit({ image: createImage('a'), set })).toEqual({
    what: 'a.jpg',
    changes: [
      { label: 'Description', value: 'A boat' },
      { label: 'Tags', value: 'nothing' },
      { label: 'Hidden until', value: 'nothing' },
    ],
  });
});

it('counts many pictures, and tells of tags that they get and lose', () => {
  const pictures = new Map([
    ['a', 'a.jpg'],
    ['b', 'b.jpg'],
  ]);
  const edit = { set: { license: 'CC-BY-4.0' }, add_tags: ['sea', 'sun'], remove_tags: ['lake'] };
  expect(describeEdit({ pictures, edit })).toEqual({
    what: '2 pictures',
    changes: [
      { label: 'Licence', value: 'CC BY 4.0' },
      { label: 'Add tags', value: '#sea #sun' },
      { label: 'Remove tags', value: '#lake' },
    ],
  });
});

it.each([
  ['a.jpg', 'a.jpg'],
  ['', '1 picture'],
])('names the only picture of an edit of many, where the page knows its name: “%s”', (name, what) => {
  expect(describeEdit({ pictures: new Map([['a', name]]), edit: { add_tags: ['sea'] } }).what).toBe(what);
});

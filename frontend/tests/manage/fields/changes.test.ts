import { expect, it } from 'vitest';
import { buildChanges, listChangedFields, readChanges } from '../../../src/manage/fields/changes';
import { FIELD_NAMES, readFields } from '../../../src/manage/fields/fields';
import { createImage } from '../../fixtures';

it('sends the changed fields alone, as the API takes them', () => {
  const before = readFields({ ...createImage('a'), credit: 'Ann', expires: '2027-01-01T00:00:00.000Z' });
  const after = { ...before, credit: ' ', tags: ['#Sea', 'sea'], expires: '', place: ' Oslo ' };
  const changed = listChangedFields(before, after);
  expect(changed).toEqual(['tags', 'credit', 'place', 'expires']);
  expect(buildChanges(after, changed)).toEqual({ tags: ['sea'], credit: '', place: 'Oslo', expires: null });
});

it('changes no moment that nobody has touched, though a form shows it to the minute', () => {
  const before = readFields({ ...createImage('a'), embargo: '2027-01-01T00:00:31.250Z' });
  expect(listChangedFields(before, { ...before })).toEqual([]);
});

it('reads changes back as a form has them', () => {
  const values = readFields({
    ...createImage('a'),
    tags: ['sea'],
    credit: 'Ann',
    embargo: '2027-01-01T00:00:00.000Z',
  });
  expect(readChanges(buildChanges(values, FIELD_NAMES))).toEqual(values);
  expect(readChanges({ tags: null, credit: null, expires: null })).toEqual({
    tags: [],
    credit: '',
    expires: '',
  });
  expect(readChanges({})).toEqual({});
});

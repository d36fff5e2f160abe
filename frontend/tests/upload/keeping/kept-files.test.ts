import { expect, it } from 'vitest';
import { MAX_AGE } from '../../../src/upload/keeping/draft-keeper';
import { countKeptFiles } from '../../../src/upload/keeping/kept-files';
import type { FileRecord } from '../../../src/upload/keeping/queue-store';

const NOW = 2 * MAX_AGE;
const LOCKS: ReadonlySet<string> = new Set(['stockroom.uploads.living', 'another lock']);

const CONTENTS: ReadonlySet<string> = new Set(['a']);

function createRecord(changes: Partial<FileRecord> = {}) {
  return {
    id: 'a',
    owner: 'ann',
    page: 'closed',
    state: { name: 'waiting' },
    saved: NOW,
    ...changes,
  } as FileRecord;
}

it('counts what waits, and of how many people', () => {
  const records = [...Array.from({ length: 3 }, () => createRecord()), createRecord({ owner: 'bob' })];
  expect(countKeptFiles(records.slice(0, 3), CONTENTS, LOCKS, NOW)).toEqual({
    count: 3,
    lost: 0,
    owners: new Set(['ann']),
  });
  expect(countKeptFiles(records, CONTENTS, LOCKS, NOW)).toMatchObject({
    count: 4,
    owners: new Set(['ann', 'bob']),
  });
});

it.each<[string, Partial<FileRecord>]>([
  ['of a page that lives', { page: 'living' }],
  ['of nobody', { owner: null }],
  ['that has ended', { state: { name: 'cancelled' } }],
  ['to which nobody has come back in time', { saved: NOW - MAX_AGE - 1 }],
])('does not count a file %s', (_, changes) => {
  expect(countKeptFiles([createRecord(changes)], new Set(), LOCKS, NOW)).toMatchObject({ count: 0, lost: 0 });
});

it('counts what has to be chosen again, as nothing but the record is there', () => {
  const records = [
    createRecord(),
    createRecord({ id: 'b' }),
    createRecord({ id: 'c', state: { name: 'missing', content: null } }),
    createRecord({ id: 'd', state: { name: 'ready' } as FileRecord['state'] }),
    createRecord({ id: 'e', page: 'living' }),
  ];
  expect(countKeptFiles(records, CONTENTS, LOCKS, NOW)).toMatchObject({ count: 3, lost: 2 });
});

import { expect, it } from 'vitest';
import { identify } from '../../../src/upload/file/identity';
import type { FileRecord } from '../../../src/upload/keeping/queue-store';
import { listUnderWay } from '../../../src/upload/keeping/under-way-elsewhere';

const FILE = { path: 'sea/a.jpg', name: 'a.jpg', size: 3, lastModified: 7 };

function createRecord(changes: Partial<FileRecord> = {}) {
  return {
    ...FILE,
    owner: 'ann',
    page: 'other',
    shared: {},
    state: { name: 'queued' },
    ...changes,
  } as FileRecord;
}

it('knows the files that another tab has started for the same person', () => {
  expect(listUnderWay([createRecord()], 'ann', new Set(['other']))).toEqual(new Set([identify(FILE)]));
});

it.each<[string, Partial<FileRecord>]>([
  ['of somebody else', { owner: 'bob' }],
  ['of a page that has ended', { page: 'ended' }],
  ['that was chosen, and not started', { shared: null }],
  ['that has ended', { state: { name: 'cancelled' } }],
  ['that is to be found again', { state: { name: 'missing', content: null } }],
])('leaves a file %s to whoever chooses it', (_, changes) => {
  expect(listUnderWay([createRecord(changes)], 'ann', new Set(['other'])).size).toBe(0);
});

import { expect, it } from 'vitest';
import type { LogEntry } from '../../../src/api/types';
import { getReason, listChanges } from '../../../src/manage/log/describe';

function create(action: LogEntry['action'], detail: object): LogEntry {
  const at = '2026-05-01T12:00:00.000Z';
  return { id: '1', at, image: 'a', action, actor: 'Alice', actor_id: '1', detail: detail as never };
}

it('says what each field was and has become', () => {
  const entry = create('edit', {
    revision: 2,
    before: { tags: ['sea'], usage_terms: '', expires: null },
    after: { tags: [], usage_terms: 'Ask.', expires: '2027-05-01T12:00:00Z' },
  });
  expect(listChanges(entry)).toEqual([
    { field: 'tags', before: 'sea', after: 'nothing' },
    { field: 'usage terms', before: 'nothing', after: 'Ask.' },
    { field: 'expires', before: 'nothing', after: '2027-05-01T12:00:00Z' },
  ]);
});

it('says why a picture was taken down, and nothing of other actions', () => {
  expect(getReason(create('take-down', { reason: 'A court order.', sha256: '0' }))).toBe('A court order.');
  expect(getReason(create('delete', { revision: 1 }))).toBe('');
  expect(listChanges(create('delete', { revision: 1 }))).toEqual([]);
});

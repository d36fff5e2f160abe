import { expect, it } from 'vitest';
import type { LogEntry } from '../../../src/api/types';
import { buildCsv } from '../../../src/manage/log/csv';

const ENTRY: LogEntry = {
  id: '7',
  at: '2026-05-01T12:00:00.000Z',
  image: null,
  action: 'lift',
  actor: 'Alice',
  actor_id: '1',
  detail: {},
};

function write(changed: Partial<LogEntry>): string {
  return buildCsv([{ ...ENTRY, ...changed }]).split('\r\n')[1] ?? '';
}

it('has a head, and a line for each entry', () => {
  expect(buildCsv([ENTRY])).toBe(
    'at,action,image,actor,actor_id,detail,id\r\n2026-05-01T12:00:00.000Z,lift,,Alice,1,{},7\r\n',
  );
});

it('quotes what would end a field', () => {
  const detail = { reason: 'A "court", order' } as never;
  expect(write({ detail })).toContain('"{""reason"":""A \\""court\\"", order""}"');
});

it('has no name that a spreadsheet would compute', () => {
  expect(write({ actor: '=1+1' })).toContain(",'=1+1,");
});

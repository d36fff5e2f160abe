import { beforeEach, describe, expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { LogEntry } from '../../../src/api/types';
import { ChangeLog } from '../../../src/manage/log/change-log.svelte';

let entries: LogEntry[];
let asked: (string | null)[];
let error: Error | null;

beforeEach(() => {
  entries = [];
  asked = [];
  error = null;
});

/** Ten entries a page. */
function createLog(): ChangeLog {
  return new ChangeLog({
    load: async (cursor, image) => {
      if (error !== null) throw error;
      asked.push(image);
      const from = Number(cursor ?? 0);
      const next = from + 10 < entries.length ? String(from + 10) : null;
      return { entries: entries.slice(from, from + 10), next };
    },
  });
}

function addEntries(count: number, changed: Partial<LogEntry>): void {
  for (let index = 0; index < count; index++) {
    const id = String(entries.length);
    const at = '2026-05-01T12:00:00.000Z';
    entries.push({
      id,
      at,
      image: 'a',
      action: 'edit',
      actor: 'Alice',
      actor_id: '1',
      detail: {},
      ...changed,
    });
  }
}

const ALL = { image: '', person: '', action: '' } as const;

describe('the change log', () => {
  it('asks the API for one picture, and for no more entries than are read at once', async () => {
    addEntries(70, {});
    const log = createLog();
    await log.show({ ...ALL, image: 'a' });
    expect([log.shown.length, log.cursor]).toEqual([50, '50']);
    expect(new Set(asked)).toEqual(new Set(['a']));
    await log.loadMore();
    expect([log.shown.length, log.cursor]).toEqual([70, null]);
  });

  it.each([
    ['a part of a name', { person: 'BO' }],
    ['the id of a person', { person: '2' }],
    ['an action', { action: 'delete' }],
  ] as const)('finds entries by %s, also far back', async (_, filter) => {
    addEntries(95, {});
    addEntries(1, { actor: 'Bob', actor_id: '2', action: 'delete' });
    const log = createLog();
    await log.show({ ...ALL, ...filter });
    expect(log.shown.map(({ actor }) => actor)).toEqual(['Bob']);
  });

  it('does not read a long log for ever, unless somebody wants all of it', async () => {
    addEntries(1000, {});
    const log = createLog();
    await log.show({ ...ALL, person: 'nobody' });
    expect([log.entries.length, log.state.name]).toEqual([100, 'idle']);
    expect(await log.loadAll()).toBe(true);
    expect(log.entries).toHaveLength(1000);
  });

  it('keeps what it has when a page fails, and is not whole then', async () => {
    addEntries(70, {});
    const log = createLog();
    await log.show(ALL);
    error = new NetworkError();
    expect(await log.loadAll()).toBe(false);
    expect([log.state.name, log.entries.length]).toEqual(['error', 50]);
  });

  it('stops', async () => {
    addEntries(1000, {});
    const log = createLog();
    const shown = log.show(ALL);
    log.stop();
    await shown;
    expect([log.state.name, log.entries.length]).toEqual(['idle', 0]);
  });
});

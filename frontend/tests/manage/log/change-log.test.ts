import { beforeEach, describe, expect, it } from 'vitest';
import { NetworkError } from '../../../src/api/errors';
import type { LogEntry } from '../../../src/api/types';
import type { LogFilter } from '../../../src/manage/log/address';
import { ChangeLog } from '../../../src/manage/log/change-log.svelte';

let entries: LogEntry[];
let asked: LogFilter[];
let error: Error | null;

beforeEach(() => {
  entries = [];
  asked = [];
  error = null;
});

/** Ten entries a page. */
function createLog(): ChangeLog {
  return new ChangeLog({
    load: async (cursor, filter) => {
      if (error !== null) throw error;
      asked.push(filter);
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

const ALL = { image: '', by: '', action: '' } as const;

describe('the change log', () => {
  it('asks the API for what is meant, and for no more entries than are read at once', async () => {
    addEntries(70, {});
    const log = createLog();
    const filter = { image: 'a', by: '2', action: 'edit' } as const;
    await log.show(filter);
    expect([log.entries.length, log.cursor]).toEqual([50, '50']);
    await log.loadMore();
    expect([log.entries.length, log.cursor]).toEqual([70, null]);
    expect(asked).toEqual(Array.from({ length: 7 }, () => filter));
  });

  it('goes on over pages without entries, and not for ever, unless somebody wants all', async () => {
    let pages = 0;
    const log = new ChangeLog({
      load: async () => ({ entries: [], next: ++pages % 30 === 0 ? null : String(pages) }),
    });
    await log.show(ALL);
    expect([pages, log.state.name, log.cursor]).toEqual([10, 'idle', '10']);
    expect(await log.loadAll()).toBe(true);
    expect(pages).toBe(30);
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

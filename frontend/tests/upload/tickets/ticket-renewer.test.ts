import { describe, expect, it } from 'vitest';
import { localClock } from '../../../src/app/clock';
import { createPhotos } from '../../fixtures';
import { FakeLibrary, countStates, pass, startQueue, useFakeTime } from '../fake-library';

useFakeTime();

describe('TicketRenewer', () => {
  it('renews the tickets of queued files before they expire, many in one request', async () => {
    const library = new FakeLibrary();
    library.ticketSeconds = 60;
    library.putMs = 10_000;
    const queue = startQueue(library, createPhotos(40));
    await pass(150);
    expect(countStates(queue)).toEqual({ ready: 40 });
    expect(library.renewals.length).toBeGreaterThan(0);
    expect(library.renewals.length).toBeLessThanOrEqual(3);
    expect(library.renewals[0]?.length).toBeGreaterThan(10);
    expect(library.puts).toHaveLength(40);
    for (const { time, ticket } of library.puts) expect(Date.parse(ticket.expires)).toBeGreaterThan(time);
  });

  it('goes by the clock of the server, not by the local one', async () => {
    const hour = 3_600_000;
    const now = (): number => Date.now() + hour;
    const library = new FakeLibrary(now);
    const queue = startQueue(library, createPhotos(3), { clock: { ...localClock, now } });
    await pass(10);
    expect(countStates(queue)).toEqual({ ready: 3 });
    expect(library.renewals).toEqual([]);
  });

  it('creates an upload again when the API has lost it', async () => {
    const library = new FakeLibrary();
    library.ticketSeconds = 60;
    library.putMs = 50_000;
    const queue = startQueue(library, createPhotos(2), {}, { connections: 1 });
    await pass(10);
    library.rows.delete('ID2');
    await pass(150);
    expect(countStates(queue)).toEqual({ ready: 2 });
    expect(library.renewals[0]).toEqual(['ID2']);
    expect(library.creations.map(({ files }) => files.length)).toEqual([2, 1]);
  });

  it('shows a picture that has arrived, though nobody knew it, and sends it no second time', async () => {
    const library = new FakeLibrary();
    library.ticketSeconds = 60;
    library.putMs = 50_000;
    const queue = startQueue(library, createPhotos(2), {}, { connections: 1 });
    await pass(10);
    const row = library.rows.get('ID2');
    if (row !== undefined) row.state = 'ready';
    await pass(150);
    expect(countStates(queue)).toEqual({ ready: 2 });
    expect(library.puts).toHaveLength(1);
    expect(library.creations).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors';
import { Library, image, only, photo, photos, queueOf, states } from './library';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-05-01T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

describe('the way of a file', () => {
  it('hashes what was chosen but sends nothing before the start', async () => {
    const library = new Library();
    const queue = queueOf(library);
    queue.add(photos(3));
    await pass(5);
    expect(states(queue)).toEqual({ hashed: 3 });
    expect(library.posts).toEqual([]);
    expect(queue.busy).toBe(true);
  });

  it('goes from chosen to ready, twenty files in one request, four at a time', async () => {
    const library = new Library();
    const queue = queueOf(library);
    queue.add(photos(20));
    queue.start({ description: 'Trip #sea', tags: ['holiday'] });
    await pass(10);
    expect(states(queue)).toEqual({ ready: 20 });
    expect(library.posts.map(({ files }) => files.length)).toEqual([20]);
    expect(library.posts[0]?.shared).toEqual({ description: 'Trip #sea', tags: ['holiday'] });
    expect(library.puts).toHaveLength(20);
    expect(library.mostSending).toBe(4);
    expect(queue.items[0]?.image?.id).toBe('ID1');
    expect(queue.busy).toBe(false);
  });

  it('sends more than a hundred files in batches of a hundred as hashing proceeds', async () => {
    const library = new Library();
    const queue = queueOf(library);
    queue.add(photos(250));
    queue.start({});
    await pass(60);
    expect(states(queue)).toEqual({ ready: 250 });
    expect(Math.max(...library.posts.map(({ files }) => files.length))).toBe(100);
    expect(library.posts.flatMap(({ files }) => files)).toHaveLength(250);
    expect(library.posts.length).toBeLessThanOrEqual(5);
  });

  it('uploads the first files while others are still being hashed', async () => {
    const library = new Library();
    const slow = photo('slow.jpg');
    const hash = async (file: File): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, file === slow ? 20_000 : 5));
      return file.name.padEnd(64, '0');
    };
    const queue = queueOf(library, { hash });
    queue.add([slow, ...photos(3)]);
    queue.start({});
    await pass(5);
    expect(states(queue)).toEqual({ hashing: 1, ready: 3 });
    await pass(25);
    expect(states(queue)).toEqual({ ready: 4 });
  });

  it('gives each file its own metadata beside the shared one', async () => {
    const library = new Library();
    const queue = queueOf(library);
    const [first] = queue.add(photos(2));
    queue.describe(first?.key ?? 0, { description: 'Only this', tags: ['one'] });
    queue.start({ credit: 'Alice' });
    await pass(2);
    expect(library.posts[0]?.files[0]).toMatchObject({ description: 'Only this', tags: ['one'] });
    expect(library.posts[0]?.files[1]).not.toHaveProperty('description');
    expect(library.posts[0]?.shared).toEqual({ credit: 'Alice' });
  });

  it('asks after all landed files in one request, ever less often', async () => {
    const library = new Library();
    library.processMs = 30_000;
    const queue = queueOf(library);
    queue.add(photos(4));
    queue.start({});
    await pass(32);
    expect(states(queue)).toEqual({ ready: 4 });
    expect(library.polls[0]?.length).toBe(4);
    expect(library.polls.length).toBeLessThan(16);
  });
});

describe('files that are not taken', () => {
  it('drops what misses the specification and goes on with the rest', async () => {
    const library = new Library();
    const reason = { code: 'type', detail: 'Not a picture.' };
    const inspect = async (file: File): Promise<{ type: string } | { reason: typeof reason }> =>
      file.name.endsWith('.txt') ? { reason } : { type: 'image/png' };
    const queue = queueOf(library, { inspect });
    queue.add([photo('a.jpg'), photo('notes.txt'), photo('b.jpg')]);
    queue.start({});
    await pass(5);
    expect(queue.items.map((item) => item.state)).toEqual(['ready', 'rejected', 'ready']);
    expect(queue.items[1]?.reason).toEqual(reason);
    expect(library.posts[0]?.files.map((file) => [file.name, file.type])).toEqual([
      ['a.jpg', 'image/png'],
      ['b.jpg', 'image/png'],
    ]);
  });

  it('takes a partly rejected batch apart: duplicate, rejection and ticket each for itself', async () => {
    const library = new Library();
    library.answerFor = ({ name }) => {
      if (name === 'photo-1.jpg') return { state: 'duplicate', id: 'OLD', image: image('OLD') };
      if (name === 'photo-2.jpg')
        return { state: 'rejected', error: { code: 'invalid-name', detail: 'Rename it.' } };
      return null;
    };
    const queue = queueOf(library);
    queue.add(photos(4));
    queue.start({});
    await pass(5);
    expect(queue.items.map((item) => item.state)).toEqual(['ready', 'duplicate', 'rejected', 'ready']);
    expect(queue.items[1]?.image?.id).toBe('OLD');
    expect(queue.items[2]?.reason?.detail).toBe('Rename it.');
  });

  it('uploads the same content once, under whatever names', async () => {
    const library = new Library();
    const queue = queueOf(library);
    queue.add([photo('a.jpg', 'same'), photo('b.jpg', 'same')]);
    queue.start({});
    await pass(5);
    expect(queue.items.map((item) => item.state)).toEqual(['ready', 'duplicate']);
    expect(queue.items[1]?.reason?.code).toBe('twin');
    expect(library.puts).toHaveLength(1);
  });

  it('does not list a file twice', () => {
    const queue = queueOf(new Library());
    queue.add(photos(2));
    expect(queue.add(photos(3))).toHaveLength(1);
  });

  it('says why processing failed', async () => {
    const library = new Library();
    library.processMs = Infinity;
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(1);
    const row = library.rows.get('ID1');
    if (row)
      Object.assign(row, {
        state: 'failed',
        error: { code: 'truncated', detail: 'The file ends too early.' },
      });
    await pass(4);
    expect(only(queue)).toMatchObject({ state: 'failed', reason: { code: 'truncated' } });
  });

  it('fails a batch that the API calls wrong, and says so on each file', async () => {
    const library = new Library();
    library.beforePost = () => {
      throw new ApiError(400, 'invalid-tag', 'The tag is too long.');
    };
    const queue = queueOf(library);
    queue.add(photos(2));
    queue.start({});
    await pass(5);
    expect(states(queue)).toEqual({ failed: 2 });
    expect(queue.items[0]?.reason?.detail).toBe('The tag is too long.');
    expect(library.posts).toHaveLength(1);
  });
});

describe('storage that does not take a file at once', () => {
  it.each([409, 500, 503, 'cut'] as const)('tries again with growing pauses after %s', async (weather) => {
    const library = new Library();
    library.weather = (_, attempt) => (attempt <= 3 ? weather : undefined);
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(30);
    expect(only(queue).state).toBe('ready');
    const times = library.puts.map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses).toHaveLength(3);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(new Set(pauses).size).toBe(3);
  });

  it('gives up after eight attempts, keeps the file, and "Retry" sends it', async () => {
    const library = new Library();
    let broken = true;
    library.weather = () => (broken ? 503 : undefined);
    const queue = queueOf(library);
    queue.add([photo('a.jpg'), photo('b.jpg')]);
    queue.start({});
    await pass(200);
    expect(states(queue)).toEqual({ failed: 2 });
    expect(library.puts).toHaveLength(16);
    broken = false;
    queue.retry(queue.items[0]?.key ?? 0);
    await pass(10);
    expect(queue.items.map((item) => item.state)).toEqual(['ready', 'failed']);
  });

  it('takes 412 for success and asks the status: only the answer was lost', async () => {
    const library = new Library();
    library.weather = (_, attempt) => (attempt === 1 ? 'cut-after-landing' : undefined);
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(10);
    expect(only(queue).state).toBe('ready');
    expect(library.puts).toHaveLength(2);
    expect(library.posts).toHaveLength(1);
  });

  it('gets a new ticket after a 403 and uses it', async () => {
    const library = new Library();
    library.weather = (_, attempt) => (attempt === 1 ? 403 : undefined);
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(10);
    expect(only(queue).state).toBe('ready');
    expect(library.renewals).toEqual([['ID1']]);
    expect(library.puts[1]?.ticket.expires).not.toBe(library.puts[0]?.ticket.expires);
  });

  it('does not go round for ever when storage refuses every ticket', async () => {
    const library = new Library();
    library.weather = () => 403;
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(120);
    expect(only(queue)).toMatchObject({ state: 'failed', reason: { code: 'storage-refused' } });
    expect(library.puts).toHaveLength(4);
  });

  it('hashes and posts again a file that changed on disk', async () => {
    const library = new Library();
    library.weather = (_, attempt) => (attempt === 1 ? 400 : undefined);
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(10);
    expect(only(queue).state).toBe('ready');
    expect(library.posts).toHaveLength(2);
  });

  it('does not repeat what cannot be read any more', async () => {
    const library = new Library();
    library.weather = () => 'cut';
    const queue = queueOf(library, { readable: async () => false });
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(60);
    expect(only(queue)).toMatchObject({ state: 'failed', reason: { code: 'unreadable' } });
    expect(library.puts).toHaveLength(1);
  });

  it('waits for the connection, however long it is gone', async () => {
    const library = new Library();
    let online = false;
    library.weather = () => (online ? undefined : 'cut');
    const queue = queueOf(library, { online: () => online || library.puts.length < 1 });
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(3600);
    expect(only(queue)).toMatchObject({ state: 'queued', reason: { code: 'offline' } });
    expect(library.puts).toHaveLength(1);
    online = true;
    queue.hasten();
    await pass(5);
    expect(only(queue).state).toBe('ready');
  });

  it('lets one slow file hold up no other', async () => {
    const library = new Library();
    library.weather = (name) => (name === 'photo-0.jpg' ? 'hang' : undefined);
    const queue = queueOf(library);
    queue.add(photos(12));
    queue.start({});
    await pass(10);
    expect(states(queue)).toEqual({ uploading: 1, ready: 11 });
  });
});

describe('tickets that age', () => {
  it('renews tickets in the queue before they expire, many in one request', async () => {
    const library = new Library();
    library.ticketSeconds = 60;
    library.putMs = 10_000;
    const queue = queueOf(library);
    queue.add(photos(40));
    queue.start({});
    await pass(150);
    expect(states(queue)).toEqual({ ready: 40 });
    expect(library.renewals.length).toBeGreaterThan(0);
    expect(library.renewals.length).toBeLessThanOrEqual(3);
    expect(library.renewals[0]?.length).toBeGreaterThan(10);
    expect(library.puts).toHaveLength(40);
    for (const { at, ticket } of library.puts) expect(Date.parse(ticket.expires)).toBeGreaterThan(at);
  });

  it('goes by the server clock, not the local one', async () => {
    const hour = 3_600_000;
    const library = new Library(() => Date.now() + hour);
    const clock = {
      now: () => Date.now() + hour,
      after: (ms: number, callback: () => void) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    };
    const queue = queueOf(library, { clock });
    queue.add(photos(3));
    queue.start({});
    await pass(10);
    expect(states(queue)).toEqual({ ready: 3 });
    expect(library.renewals).toEqual([]);
  });

  it('posts a file again when its upload is gone', async () => {
    const library = new Library();
    library.ticketSeconds = 60;
    library.putMs = 50_000;
    const queue = queueOf(library, {}, { connections: 1 });
    queue.add(photos(2));
    queue.start({});
    await pass(10);
    library.rows.delete('ID2');
    await pass(150);
    expect(states(queue)).toEqual({ ready: 2 });
    expect(library.renewals[0]).toEqual(['ID2']);
    expect(library.posts.map(({ files }) => files.length)).toEqual([2, 1]);
  });

  it('posts a file again when it landed after its row had gone', async () => {
    const library = new Library();
    library.processMs = Infinity;
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(2);
    expect(only(queue).state).toBe('processing');
    library.rows.clear();
    library.processMs = 100;
    await pass(10);
    expect(only(queue)).toMatchObject({ state: 'ready', id: 'ID2' });
  });

  it('does not post for ever what the library keeps dropping', async () => {
    const library = new Library();
    const queue = queueOf(library);
    library.beforePoll = () => library.rows.clear();
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(60);
    expect(only(queue)).toMatchObject({ state: 'failed', reason: { code: 'gone' } });
    expect(library.posts).toHaveLength(4);
  });

  it('reports an expired upload as failed, to be retried', async () => {
    const library = new Library();
    library.processMs = Infinity;
    const queue = queueOf(library);
    queue.add([photo('a.jpg')]);
    queue.start({});
    await pass(2);
    const row = library.rows.get('ID1');
    if (row) row.state = 'expired';
    await pass(4);
    expect(only(queue)).toMatchObject({ state: 'failed', reason: { code: 'expired' } });
  });
});

describe('an API that does not answer at once', () => {
  it('waits as long as Retry-After says, and says so meanwhile', async () => {
    const library = new Library();
    let asleep = true;
    library.beforePost = () => {
      if (asleep) throw new ApiError(503, 'database-unavailable', 'Waking up.', 7);
    };
    const queue = queueOf(library);
    queue.add(photos(2));
    queue.start({});
    await pass(2);
    expect(queue.trouble).toMatchObject({ waking: true });
    expect(library.posts).toHaveLength(1);
    asleep = false;
    await pass(4);
    expect(library.posts).toHaveLength(1);
    await pass(6);
    expect(states(queue)).toEqual({ ready: 2 });
    expect(queue.trouble).toBeNull();
  });

  it('goes on at once when told that the line is back', async () => {
    const library = new Library();
    let down = true;
    library.beforePost = () => {
      if (down) throw new NetworkError('down');
    };
    const queue = queueOf(library);
    queue.add(photos(1));
    queue.start({});
    await pass(60);
    down = false;
    const before = library.posts.length;
    queue.hasten();
    await pass(0.1);
    expect(library.posts.length).toBe(before + 1);
    await pass(3);
    expect(only(queue).state).toBe('ready');
  });

  it('waits for the specification before it judges files', async () => {
    const library = new Library();
    let tries = 0;
    const inspect = async (): Promise<{ type: string }> => {
      tries += 1;
      if (tries <= 3) throw new NetworkError('down');
      return { type: 'image/jpeg' };
    };
    const queue = queueOf(library, { inspect });
    queue.add(photos(2));
    queue.start({});
    await pass(0.1);
    expect(states(queue)).toEqual({ waiting: 2 });
    expect(queue.trouble).not.toBeNull();
    await pass(15);
    expect(states(queue)).toEqual({ ready: 2 });
    expect(queue.trouble).toBeNull();
  });

  it('keeps asking after landed files through a bad patch', async () => {
    const library = new Library();
    let polls = 0;
    library.beforePoll = () => {
      polls += 1;
      if (polls <= 3) throw new ApiError(500, 'internal-error', 'Oops.');
    };
    const queue = queueOf(library);
    queue.add(photos(1));
    queue.start({});
    await pass(15);
    expect(only(queue).state).toBe('ready');
  });
});

describe('a token that runs out', () => {
  it.each([
    [401, 'signin'],
    [403, 'scope'],
  ] as const)('on %i it pauses, keeps the queue, and goes on after signing in', async (status, kind) => {
    const library = new Library();
    let valid = false;
    library.beforePost = () => {
      if (!valid) throw new ApiError(status, 'token', 'Not with this token.');
    };
    const queue = queueOf(library);
    queue.add(photos(3));
    queue.start({});
    await pass(30);
    expect(queue.pause).toEqual({ kind, detail: 'Not with this token.' });
    expect(states(queue)).toEqual({ hashed: 3 });
    expect(library.posts).toHaveLength(1);
    valid = true;
    queue.resume();
    await pass(10);
    expect(queue.pause).toBeNull();
    expect(states(queue)).toEqual({ ready: 3 });
  });

  it('while files are being processed it stops asking, and asks again afterwards', async () => {
    const library = new Library();
    let valid = false;
    library.beforePoll = () => {
      if (!valid) throw new ApiError(401, 'token-expired', 'The token has expired.');
    };
    const queue = queueOf(library);
    queue.add(photos(1));
    queue.start({});
    await pass(30);
    expect(only(queue).state).toBe('processing');
    expect(library.polls).toHaveLength(1);
    valid = true;
    queue.resume();
    await pass(10);
    expect(only(queue).state).toBe('ready');
  });
});

describe('cancelling', () => {
  it('stops a file being sent and takes its row back', async () => {
    const library = new Library();
    library.weather = () => 'hang';
    const queue = queueOf(library);
    queue.add(photos(1));
    queue.start({});
    await pass(1);
    expect(only(queue).state).toBe('uploading');
    await Promise.all([queue.cancel(only(queue).key), pass(1)]);
    expect(only(queue).state).toBe('cancelled');
    expect(library.cancelled).toEqual(['ID1']);
    expect(library.sending).toBe(0);
  });

  it('takes back the row of a file cancelled while the batch was being posted', async () => {
    const library = new Library();
    const queue = queueOf(library);
    queue.add(photos(2));
    await pass(1);
    queue.start({});
    await pass(0.005);
    expect(library.posts).toHaveLength(1);
    await queue.cancel(queue.items[0]?.key ?? 0);
    await pass(5);
    expect(queue.items.map((item) => item.state)).toEqual(['cancelled', 'ready']);
    expect(library.cancelled).toEqual(['ID1']);
  });

  it('shows what became of a file that was too late to cancel', async () => {
    const library = new Library();
    library.processMs = 3000;
    library.cancelStatus = 409;
    const queue = queueOf(library);
    queue.add(photos(1));
    queue.start({});
    await pass(1);
    await Promise.all([queue.cancel(only(queue).key), pass(10)]);
    expect(only(queue).state).toBe('ready');
  });

  it('can be taken back, and finished files leave the list', async () => {
    const library = new Library();
    const queue = queueOf(library);
    queue.add(photos(3));
    await pass(1);
    const [first] = queue.items;
    await queue.cancel(first?.key ?? 0);
    queue.start({});
    await pass(5);
    expect(states(queue)).toEqual({ cancelled: 1, ready: 2 });
    queue.retry(first?.key ?? 0);
    expect(queue.removeFinished()).toEqual([first?.key]);
    queue.start({});
    await pass(5);
    expect(only(queue).state).toBe('ready');
  });
});

import { describe, expect, it } from 'vitest';
import type { SharedMetadata } from '../../../src/api/types';
import { createReason } from '../../../src/app/reasons';
import { NO_FILES } from '../../../src/upload/file/groups';
import { countUnkept, RateMeter, sumProgress, type Countable } from '../../../src/upload/file/progress';
import type { Embedded } from '../../../src/upload/embedded/embedded';
import type { UploadState } from '../../../src/upload/file/state';
import { createEmbedded } from '../../fixtures';

const content = { type: 'image/jpeg', sha256: '00' };
const retries = { sends: 0, creations: 0 };
const reason = createReason('file-empty');
const ticket = { method: 'PUT', url: '', headers: {}, expires: '2026-05-01T12:00:00Z' } as const;
const UPLOADING: UploadState = {
  name: 'uploading',
  content,
  id: 'A',
  issued: { ticket, issuedAt: 0 },
  abort: new AbortController(),
  sentBytes: 40,
  retries,
};

const PROCESSING = { name: 'processing', content, id: 'B', retries } as const;

interface Item extends Countable {
  isGone: boolean;
  newer: Item | null;
}

const createItem = (
  state: UploadState,
  isStarted = true,
): Item & { isPast: boolean; isLeft: boolean; isUndecided: boolean; isUnanswered: boolean } => ({
  state,
  file: null,
  size: 100,
  isStarted,
  isPast: false,
  isLeft: false,
  isUndecided: false,
  isUnanswered: false,
  isGone: false,
  newer: null as null | Item,
  embedded: null as Embedded | null,
  isReading: false,
  metadata: {} as SharedMetadata,
});

describe('sumProgress', () => {
  const other = { type: 'image/jpeg', sha256: '01' };

  it('counts a photo once that was chosen again and has arrived already', () => {
    const ready = createItem({ name: 'ready', content, image: null });
    const known = createItem({ name: 'duplicate', content, image: null, reason }, false);
    const before = sumProgress([ready, createItem(UPLOADING)]);
    const after = sumProgress([ready, createItem(UPLOADING), known, known]);
    expect(after).toMatchObject({ total: 2, done: 1, bytes: before.bytes, sentBytes: before.sentBytes });
    expect(after.batch).toEqual(before.batch);
    expect(after.counts.duplicate).toBe(2);
    // What the library has from elsewhere counts.
    const elsewhere = createItem({ name: 'duplicate', content: other, image: null, reason });
    expect(sumProgress([ready, createItem(UPLOADING), elsewhere])).toMatchObject({ total: 3, done: 2 });
  });

  it('counts a photo once that is uploaded anew, whatever has become of it before', () => {
    const again = createItem(UPLOADING);
    const cancelled = { ...createItem({ name: 'cancelled' }), newer: again };
    expect(sumProgress([cancelled, again])).toMatchObject({ total: 1, bytes: 100 });
    // As long as it waits, and once its newer entry has left the list, what was before counts.
    const staged = createItem({ name: 'hashed', content, retries }, false);
    expect(sumProgress([{ ...cancelled, newer: staged }, staged]).total).toBe(1);
    expect(sumProgress([{ ...cancelled, newer: { ...again, isGone: true } }]).total).toBe(1);
  });

  it('counts a photo once that was refused before', () => {
    const failed = { ...createItem({ name: 'failed', content, reason }), isPast: true };
    const refused = createItem({
      name: 'rejected',
      content,
      reason: createReason('refused-before', { code: 'truncated', detail: 'Cut.' }),
    });
    const sum = sumProgress([failed, { ...refused, isStarted: false }, createItem(UPLOADING)]);
    expect(sum).toMatchObject({ total: 1, batch: { rejected: 0 } });
    expect(sumProgress([refused]).batch.rejected).toBe(1);
  });

  it('does not wait for what was not taken, whether before or after “Upload”', () => {
    const rejected = createItem({ name: 'rejected', reason });
    const ready = createItem({ name: 'ready', content, image: null });
    const unfit = [rejected, { ...rejected, isStarted: false }];
    expect(sumProgress([...unfit, ready, createItem(UPLOADING)])).toMatchObject({ total: 2, done: 1 });
    expect(sumProgress([...unfit, ready])).toMatchObject({ total: 1, done: 1, batch: { rejected: 2 } });
  });

  it('counts none that may have arrived before among those that were looked at', () => {
    const staged = createItem({ name: 'hashed', content, retries }, false);
    const sum = sumProgress([staged, { ...staged, isUndecided: true }]);
    expect(sum).toMatchObject({ staged: 2, inspected: 1 });
  });

  it('does not count what was missed before among the last batch, but among all files', () => {
    const failed = createItem({ name: 'failed', reason });
    const sum = sumProgress([{ ...failed, isPast: true }, { ...failed, isPast: true }, failed]);
    expect(sum.batch).toEqual({ ...NO_FILES, failed: 1 });
    expect(sum.counts).toEqual({ ...NO_FILES, failed: 3 });
  });

  it('counts every row of the last upload, as the list shows it, and none of an earlier or later one', () => {
    const failed = createItem({ name: 'failed', reason });
    const again = createItem({ name: 'failed', content, reason });
    const refused = createItem({ name: 'rejected', reason }, false);
    const sum = sumProgress([
      { ...failed, newer: again },
      again,
      createItem({ name: 'duplicate', content: other, image: null, reason }),
      createItem({ name: 'ready', content: other, image: null }),
      { ...failed, isPast: true },
      // Of the choice that was uploaded, and of one that is not.
      { ...refused, isLeft: true },
      refused,
    ]);
    expect(sum.upload).toEqual({ ...NO_FILES, ready: 1, duplicate: 1, failed: 2, rejected: 1 });
    expect(sum.batch).toEqual({ ...NO_FILES, ready: 1, failed: 1, rejected: 2 });
  });

  it('counts files and bytes, and as done only what is in the library', () => {
    const sum = sumProgress([
      createItem({ name: 'ready', content, image: null }),
      createItem({ name: 'duplicate', image: null, reason }),
      createItem(UPLOADING),
      createItem(PROCESSING),
      createItem({ name: 'failed', reason: createReason('storage-busy') }),
      createItem({ name: 'rejected', reason }),
      createItem({ name: 'cancelled' }),
      createItem({ name: 'cancelling', from: PROCESSING }),
      createItem({ name: 'missing', content }),
      createItem({ name: 'hashed', content, retries }, false),
    ]);
    const counts = {
      staged: 1,
      active: 2,
      cancelling: 1,
      ready: 1,
      duplicate: 1,
      failed: 1,
      rejected: 1,
      missing: 1,
      cancelled: 1,
    };
    expect(sum).toEqual({
      counts,
      batch: counts,
      upload: { ...counts, staged: 0 },
      total: 8,
      done: 2,
      staged: 1,
      inspected: 1,
      captioned: 0,
      unread: 0,
      active: 2,
      unsent: 1,
      ticketed: 1,
      isBegun: true,
      retryable: 1,
      restartable: 0,
      lost: 1,
      removable: { finished: 2, rejected: 1, failed: 0, cancelled: 1 },
      bytes: 300,
      sentBytes: 240,
      activeShare: 0.7,
    });
  });

  it('counts no byte of files that were not sent because the library has them', () => {
    const duplicate = createItem({ name: 'duplicate', image: null, reason });
    const before = sumProgress([createItem({ name: 'hashed', content, retries }), createItem(UPLOADING)]);
    const after = sumProgress([duplicate, createItem({ ...UPLOADING, sentBytes: 50 })]);
    expect([before.bytes, after.bytes]).toEqual([200, 100]);
    const meter = new RateMeter();
    meter.add(before.sentBytes, 0);
    expect(meter.add(after.sentBytes, 1000)).toBe(10);
  });

  it('says how far the last files are that were chosen, and counts those before with all others alone', () => {
    const past = { ...createItem({ name: 'ready', content, image: null }), isPast: true };
    const sum = sumProgress([
      past,
      past,
      { ...createItem({ name: 'failed', reason: createReason('storage-busy') }), isPast: true },
      createItem({ name: 'ready', content, image: null }),
      createItem(UPLOADING),
    ]);
    expect(sum).toMatchObject({ total: 2, done: 1, bytes: 200, sentBytes: 140, activeShare: 0.4 });
    expect(sum.counts).toMatchObject({ ready: 3, failed: 1 });
    expect(sum.batch).toMatchObject({ ready: 1, failed: 0 });
    expect(sum.retryable).toBe(1);
  });

  it('has begun once a file was started, and not with those about which all is known without that', () => {
    const unstarted = [
      createItem({ name: 'rejected', reason }, false),
      createItem({ name: 'duplicate', image: null, reason }, false),
      createItem({ name: 'hashed', content, retries }, false),
    ];
    expect(sumProgress(unstarted).isBegun).toBe(false);
    expect(sumProgress([...unstarted, createItem(UPLOADING)]).isBegun).toBe(true);
    const past = { ...createItem({ name: 'ready', content, image: null }), isPast: true };
    expect(sumProgress([...unstarted, past]).isBegun).toBe(true);
  });

  it('counts files that may turn out to be no pictures apart from those that were looked at', () => {
    const hashing = { name: 'hashing', abort: new AbortController(), retries } as const;
    const sum = sumProgress([
      createItem({ name: 'waiting', retries }, false),
      createItem({ ...hashing, hashedBytes: 0 }, false),
      createItem({ ...hashing, hashedBytes: 50 }, false),
      createItem({ name: 'hashed', content, retries }, false),
      createItem({ name: 'rejected', reason }, false),
    ]);
    expect(sum).toMatchObject({ staged: 4, inspected: 2, unread: 3 });
  });

  it('counts files whose caption another description would replace', () => {
    const staged = createItem({ name: 'hashed', content, retries }, false);
    const embedded = createEmbedded({ caption: 'Boats at dawn' });
    const sum = sumProgress([
      { ...staged, embedded },
      { ...staged, embedded: createEmbedded({ title: 'Harbour' }) },
      { ...staged, embedded, metadata: { description: 'Typed' } },
      { ...staged, embedded, isStarted: true },
      // Not read so far: it may have a caption, too.
      { ...staged, isReading: true },
    ]);
    expect(sum).toMatchObject({ captioned: 1, unread: 1 });
  });

  it('counts files that have to be chosen again once the page is closed', () => {
    const items = [
      createItem(UPLOADING),
      createItem({ name: 'missing', content }),
      createItem({ name: 'failed', reason: createReason('storage-busy') }),
      createItem({ name: 'failed', reason }),
      createItem(PROCESSING),
      createItem({ name: 'ready', content, image: null }),
    ];
    expect(countUnkept(items.map((item) => ({ ...item, isKept: false })))).toBe(3);
    expect(countUnkept(items.map((item) => ({ ...item, isKept: true })))).toBe(0);
  });

  it('never counts more bytes than the file has', () => {
    const state = { ...UPLOADING, sentBytes: 120 };
    expect(sumProgress([createItem(state)]).sentBytes).toBe(100);
  });
});

describe('RateMeter', () => {
  it('averages over its window', () => {
    const meter = new RateMeter(5000);
    expect(meter.add(0, 0)).toBe(0);
    expect(meter.add(1000, 1000)).toBe(1000);
    for (let second = 2; second <= 20; second++) meter.add(1000 + 3000 * (second - 1), second * 1000);
    expect(meter.add(61_000, 21_000)).toBe(3000);
  });

  it('does not count a break in which nothing was sent', () => {
    const meter = new RateMeter(5000);
    for (let second = 0; second <= 5; second++) meter.add(1000 * second, second * 1000);
    // A minute without a line.
    expect(meter.add(5100, 65_000)).toBe(0);
    expect(meter.add(6100, 66_000)).toBe(1000);
    meter.restart();
    expect(meter.add(6200, 68_000)).toBe(0);
    expect(meter.add(8200, 69_000)).toBe(2000);
  });

  it('tells no rate before it has measured for a second', () => {
    const meter = new RateMeter();
    meter.add(0, 0);
    expect(meter.add(90_000, 300)).toBe(0);
    expect(meter.add(100_000, 1000)).toBe(100_000);
  });

  it('starts over when fewer bytes are sent than before', () => {
    const meter = new RateMeter();
    meter.add(9000, 0);
    expect(meter.add(100, 1000)).toBe(0);
    expect(meter.add(1100, 2000)).toBe(1000);
  });
});

import { describe, expect, it } from 'vitest';
import { backoff } from '../../src/upload/backoff';
import { isClutter } from '../../src/upload/dropped';
import { RateMeter, measure } from '../../src/upload/progress';
import { hashtags, splitTags, unique } from '../../src/upload/tags';
import { canRetry } from '../../src/upload/words';

describe('backoff', () => {
  it('doubles up to its cap, half of it random', () => {
    expect([1, 2, 3, 4].map((attempt) => backoff(attempt, 1))).toEqual([500, 1000, 2000, 4000]);
    expect(backoff(3, 0)).toBe(1000);
    expect(backoff(60, 1)).toBe(30_000);
  });

  it('never comes back before Retry-After', () => {
    expect(backoff(1, 0, { retryAfter: 9 })).toBe(9000);
  });
});

describe('hashtags', () => {
  it('finds them in any script', () => {
    expect(hashtags('At the ##Sea, #日本 and #été_2026!')).toEqual(['sea', '日本', 'été_2026']);
  });

  it('leaves anchors, entities and lone signs alone', () => {
    expect(hashtags('a#b https://x.test/#frag ?a=#b &#39; # ## #- C# #2026')).toEqual([]);
  });
});

describe('tags', () => {
  it('splits what was pasted', () => {
    expect(splitTags(' #Sea, golden  "gate";sea\nnight ')).toEqual(['sea', 'golden gate', 'night']);
  });

  it('keeps each once', () => {
    expect(unique(['Sea', '#sea', 'ＳＥＡ', ''])).toEqual(['sea']);
  });
});

describe('measure', () => {
  const item = { size: 100, done: 0, started: true };

  it('counts files and bytes, and leaves out what was dropped', () => {
    const sum = measure([
      { ...item, state: 'ready' },
      { ...item, state: 'uploading', done: 40 },
      { ...item, state: 'processing' },
      { ...item, state: 'failed' },
      { ...item, state: 'rejected' },
      { ...item, state: 'cancelled' },
      { ...item, state: 'hashed', started: false },
    ]);
    expect(sum).toEqual({
      total: 4,
      finished: 2,
      ready: 1,
      failed: 1,
      rejected: 1,
      staged: 1,
      active: 2,
      bytes: 300,
      sent: 240,
    });
  });
});

describe('RateMeter', () => {
  it('averages over its window', () => {
    const meter = new RateMeter(5000);
    expect(meter.note(0, 0)).toBe(0);
    expect(meter.note(1000, 1000)).toBe(1000);
    for (let second = 2; second <= 20; second++) meter.note(1000 + 3000 * (second - 1), second * 1000);
    expect(meter.note(61_000, 21_000)).toBe(3000);
  });
});

it('knows clutter', () => {
  expect(['.DS_Store', 'Thumbs.db', 'desktop.ini', '._a.jpg'].every(isClutter)).toBe(true);
  expect(isClutter('a.jpg')).toBe(false);
});

it('offers a retry only where one can help', () => {
  expect(canRetry('failed', { code: 'offline', detail: '' })).toBe(true);
  expect(canRetry('failed', { code: 'truncated', detail: '' })).toBe(false);
  expect(canRetry('rejected', { code: 'too-large', detail: '' })).toBe(false);
  expect(canRetry('rejected', { code: 'changed', detail: '' })).toBe(true);
  expect(canRetry('ready', null)).toBe(false);
});

import { describe, expect, it } from 'vitest';
import { embedHtml, rendition } from '../../src/search/embed';
import { Latest } from '../../src/search/latest';
import { neighbours } from '../../src/search/neighbours';
import {
  EMPTY,
  fromAddress,
  isEmpty,
  ownerAddress,
  same,
  tagAddress,
  toAddress,
  toQuery,
} from '../../src/search/params';
import { sources } from '../../src/search/sources';
import { mixed } from '../../src/search/suggestions';
import { completed, tagAt, without, wordAt } from '../../src/search/word';
import { image } from '../upload/library';

describe('search parameters', () => {
  it('are the same in the address whatever their order', () => {
    const a = fromAddress('?tag=sea&q=old+town&tag=dog&from=2026-01-02&sort=newest');
    const b = fromAddress('?sort=newest&tag=dog&from=2026-01-02&q=old+town&tag=sea');
    expect(toAddress(a)).toBe('/?from=2026-01-02&q=old+town&sort=newest&tag=dog&tag=sea');
    expect(same(a, b)).toBe(true);
  });

  it('survive the way through the address', () => {
    const params = {
      ...EMPTY,
      q: '"Größe & co" #a+b',
      tags: ['日本', 'sea'],
      to: '2026-02-03',
      color: 'red',
    };
    expect(same(fromAddress(toAddress(params).slice(1)), params)).toBe(true);
  });

  it('leave out what the API would refuse', () => {
    expect(fromAddress('?from=yesterday&sort=best&orientation=round')).toEqual(EMPTY);
    expect(toQuery({ ...EMPTY, q: '  ' })).toEqual({});
    expect(isEmpty({ ...EMPTY, q: ' ' })).toBe(true);
  });

  it('make the address of a tag', () => {
    expect(tagAddress('c&a')).toBe('/?tag=c%26a');
  });

  it('make the address of what one person has contributed', () => {
    expect(ownerAddress('Ann & Co')).toBe('/?owner=Ann+%26+Co');
    expect(toQuery(fromAddress('?owner=Ann&sort=relevance&q=sea'))).toEqual({
      owner: 'Ann',
      sort: 'relevance',
      q: 'sea',
    });
    expect(isEmpty(fromAddress('?owner=Ann'))).toBe(false);
  });
});

describe('the tag being typed', () => {
  it('is found at the caret', () => {
    expect(tagAt('old #se', 7)).toEqual({ prefix: 'se', start: 4, end: 7 });
    expect(tagAt('#sea boat', 3)).toEqual({ prefix: 'se', start: 0, end: 4 });
    expect(tagAt('#', 1)).toEqual({ prefix: '', start: 0, end: 1 });
    expect(tagAt('sea', 3)).toBeNull();
    expect(tagAt('c#sharp', 7)).toBeNull();
  });

  it('leaves tidy words behind', () => {
    expect(without('old #se town', 4, 7)).toBe('old town');
  });
});

describe('the word being typed', () => {
  it('is found at the caret', () => {
    expect(wordAt('old boa', 7)).toEqual({ prefix: 'boa', start: 4, end: 7 });
    expect(wordAt('sunny sea', 3)).toEqual({ prefix: 'sun', start: 0, end: 5 });
    expect(wordAt('-"red boa', 9)).toEqual({ prefix: 'boa', start: 6, end: 9 });
    expect(wordAt('desc:"har', 9)).toEqual({ prefix: 'har', start: 6, end: 9 });
    expect(wordAt('Größ', 4)?.prefix).toBe('Größ');
  });

  it('is no single letter, tag or day', () => {
    for (const text of ['a', 'old ', '#sea', 'c#sharp', 'tag:sea', '-tags:sea', 'date:20', 'from:2016'])
      expect(wordAt(text, text.length)).toBeNull();
  });

  it('is completed, and another may follow', () => {
    expect(completed('old boa', { prefix: 'boa', start: 4, end: 7 }, 'boat')).toEqual({
      text: 'old boat ',
      caret: 9,
    });
    expect(completed('boa -red', { prefix: 'boa', start: 0, end: 3 }, 'boat')).toEqual({
      text: 'boat -red',
      caret: 4,
    });
  });
});

describe('suggestions', () => {
  const words = Array.from({ length: 8 }, (_, n) => ({ word: `sea${n}`, count: 9 - n }));
  const tags = Array.from({ length: 8 }, (_, n) => ({ tag: `sea${n}`, count: 9 - n }));
  const kinds = (list: { kind: string }[]): string => list.map(({ kind }) => kind.charAt(0)).join('');

  it('are words, and then tags', () => {
    expect(kinds(mixed('sea', words, tags))).toBe('wwwwwttt');
    expect(kinds(mixed('sea', words, []))).toBe('wwwwwwww');
    expect(kinds(mixed('sea', words.slice(0, 1), tags))).toBe('wttttttt');
  });

  it('leave out the word that is there already', () => {
    expect(mixed('SEA0', words.slice(0, 2), []).map(({ text }) => text)).toEqual(['sea1']);
  });
});

describe('neighbours', () => {
  const list = ['A', 'B', 'C'].map(image);
  it('are those beside it', () => {
    expect(neighbours(list, 'B')).toMatchObject({ at: 1, before: { id: 'A' }, after: { id: 'C' } });
    expect(neighbours(list, 'A').before).toBeUndefined();
    expect(neighbours(list, 'X')).toEqual({ at: -1 });
  });
});

describe('embedding', () => {
  it('never enlarges', () => {
    expect(rendition({ width: 3000, height: 2000 }, 720)).toEqual({ width: 1080, height: 720 });
    expect(rendition({ width: 300, height: 200 }, 720)).toEqual({ width: 300, height: 200 });
  });

  it('escapes what people wrote', () => {
    const html = embedHtml(
      { ...image('A'), description: '"><script>', credit: 'A & B' },
      (path) => `https://x.test${path}`,
    );
    expect(html).toBe(
      '<img src="https://x.test/i/A/v1/720p.jpg" width="300" height="200" alt="&quot;&gt;&lt;script&gt;" title="A &amp; B" loading="lazy">',
    );
  });
});

describe('smaller formats', () => {
  const urls = {
    ...image('A').urls,
    '720p.webp': '/i/A/v1/720p.webp',
    '720p.avif': '/i/A/v1/720p.avif',
    '240p.webp': '/i/A/v1/240p.webp',
  };

  it('are offered where they exist, the smallest first', () => {
    expect(sources(urls, '720p').map(({ type }) => type)).toEqual(['image/avif', 'image/webp']);
    expect(sources(urls, '240p')).toEqual([{ type: 'image/webp', url: '/i/A/v1/240p.webp' }]);
    expect(sources(image('A').urls, '720p')).toEqual([]);
  });

  it('are in the HTML to copy, around the JPEG', () => {
    expect(embedHtml({ ...image('A'), urls }, (path) => `https://x.test${path}`)).toBe(
      '<picture><source type="image/avif" srcset="https://x.test/i/A/v1/720p.avif">' +
        '<source type="image/webp" srcset="https://x.test/i/A/v1/720p.webp">' +
        '<img src="https://x.test/i/A/v1/720p.jpg" width="300" height="200" alt="A.jpg" loading="lazy"></picture>',
    );
  });
});

describe('the latest upload', () => {
  it('is carried along while an older answer may be stored, and survives a reload', () => {
    const stored = new Map<string, string>();
    const memory = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    let now = 1000;
    expect(new Latest(memory, () => now).query).toEqual({});
    new Latest(memory, () => now).note('1M86B4T0AMRDZ');
    now += 119_000;
    expect(new Latest(memory, () => now).query).toEqual({ since: '1M86B4T0AMRDZ' });
    now += 1000;
    expect(new Latest(memory, () => now).query).toEqual({});
  });
});

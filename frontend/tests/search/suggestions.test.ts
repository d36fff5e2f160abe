import { describe, expect, it } from 'vitest';
import { mergeSuggestions, suggestTags, type Suggestion } from '../../src/search/suggestions';

const words = Array.from({ length: 8 }, (_, n) => ({ word: `sea${n}`, count: 9 - n }));
const tags = Array.from({ length: 8 }, (_, n) => ({ tag: `sea${n}`, count: 9 - n }));
const kinds = (list: Suggestion[]): string => list.map(({ kind }) => kind.charAt(0)).join('');

describe('mergeSuggestions', () => {
  it('puts words before tags', () => {
    expect(kinds(mergeSuggestions('sea', words, tags))).toBe('wwwwwttt');
    expect(kinds(mergeSuggestions('sea', words, []))).toBe('wwwwwwww');
    expect(kinds(mergeSuggestions('sea', words.slice(0, 1), tags))).toBe('wttttttt');
  });

  it('ends with contributors, and tells namesakes apart', () => {
    const people = [1, 2, 3].map((id) => ({ id: String(id), name: 'Sean', count: 1 }));
    const merged = mergeSuggestions('sea', words, tags, people);
    expect(kinds(merged)).toBe('wwwtttcc');
    expect(merged.slice(-2).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('leaves out the word that is typed out already', () => {
    expect(mergeSuggestions('SEA0', words.slice(0, 2), []).map(({ text }) => text)).toEqual(['sea1']);
  });
});

describe('suggestTags', () => {
  it('keeps the order and the counts', () => {
    expect(suggestTags(tags.slice(0, 2))).toEqual([
      { kind: 'tag', text: 'sea0', count: 9 },
      { kind: 'tag', text: 'sea1', count: 8 },
    ]);
  });
});

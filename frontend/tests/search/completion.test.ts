import { describe, expect, it } from 'vitest';
import { completeToken, findTag, findWord, removeToken } from '../../src/search/completion';

describe('findTag', () => {
  it('finds the tag at the caret', () => {
    expect(findTag('old #se', 7)).toEqual({ prefix: 'se', start: 4, end: 7 });
    expect(findTag('#sea boat', 3)).toEqual({ prefix: 'se', start: 0, end: 4 });
    expect(findTag('#', 1)).toEqual({ prefix: '', start: 0, end: 1 });
    expect(findTag('sea', 3)).toBeNull();
    expect(findTag('c#sharp', 7)).toBeNull();
  });
});

describe('findWord', () => {
  it('finds the word at the caret', () => {
    expect(findWord('old boa', 7)).toEqual({ prefix: 'boa', start: 4, end: 7 });
    expect(findWord('sunny sea', 3)).toEqual({ prefix: 'sun', start: 0, end: 5 });
    expect(findWord('-"red boa', 9)).toEqual({ prefix: 'boa', start: 6, end: 9 });
    expect(findWord('desc:"har', 9)).toEqual({ prefix: 'har', start: 6, end: 9 });
    expect(findWord('Größ', 4)?.prefix).toBe('Größ');
  });

  it.each(['a', 'old ', '#sea', 'c#sharp', 'tag:sea', '-tags:sea', 'date:20', 'from:2016'])(
    'finds none in %j',
    (text) => {
      expect(findWord(text, text.length)).toBeNull();
    },
  );
});

describe('completeToken', () => {
  it('puts the word in place, and the caret behind it', () => {
    expect(completeToken('old boa', { prefix: 'boa', start: 4, end: 7 }, 'boat')).toEqual({
      text: 'old boat ',
      caret: 9,
    });
    expect(completeToken('boa -red', { prefix: 'boa', start: 0, end: 3 }, 'boat')).toEqual({
      text: 'boat -red',
      caret: 4,
    });
  });
});

describe('removeToken', () => {
  it('leaves single spaces', () => {
    expect(removeToken('old #se town', { prefix: 'se', start: 4, end: 7 })).toBe('old town');
  });
});

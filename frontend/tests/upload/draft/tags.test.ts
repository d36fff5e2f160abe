import { describe, expect, it } from 'vitest';
import { extractHashtags, normalizeTags, splitTags } from '../../../src/upload/draft/tags';

describe('extractHashtags', () => {
  it('finds them in any script', () => {
    expect(extractHashtags('At the ##Sea, #日本 and #été_2026!')).toEqual(['sea', '日本', 'été_2026']);
  });

  it('leaves anchors, entities and lone signs alone', () => {
    expect(extractHashtags('a#b https://x.test/#frag ?a=#b &#39; # ## #- C# #2026')).toEqual([]);
  });
});

describe('splitTags', () => {
  it('splits what was pasted', () => {
    expect(splitTags(' #Sea, golden  "gate";sea\nnight ')).toEqual(['sea', 'golden gate', 'night']);
  });
});

describe('normalizeTags', () => {
  it('lists each tag once', () => {
    expect(normalizeTags(['Sea', '#sea', 'ＳＥＡ', ''])).toEqual(['sea']);
  });

  it('leaves one dot on the small letter of İ, in whatever form it comes', () => {
    expect(normalizeTags(['\u0130stanbul', 'I\u0307stanbul', 'i\u0307stanbul', 'istanbul'])).toEqual([
      'istanbul',
    ]);
    expect(extractHashtags('#\u0130stanbul')).toEqual(['istanbul']);
  });

  it('cuts long tags', () => {
    expect(normalizeTags(['x'.repeat(70)])).toEqual(['x'.repeat(64)]);
  });
});

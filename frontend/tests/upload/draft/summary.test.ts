import { describe, expect, it } from 'vitest';
import { summariseDraft } from '../../../src/upload/draft/summary';

describe('summariseDraft', () => {
  it('says in one line what is set, and nothing of what is not', () => {
    expect(summariseDraft({})).toBe('');
    expect(summariseDraft({ tags: ['wedding', 'sea'], license: 'CC-BY-4.0' })).toBe(
      '#wedding #sea, CC BY 4.0',
    );
    expect(summariseDraft({ description: 'By the sea', credit: 'Alice' })).toBe('“By the sea”, Alice');
  });
});

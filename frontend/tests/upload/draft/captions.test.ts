import { expect, it } from 'vitest';
import { leaveCaption } from '../../../src/upload/draft/captions';

it('leaves the description out, and keeps the tags in it', () => {
  const shared = { description: 'Trip to the #sea', tags: ['holiday'], license: 'CC0-1.0' };
  expect(leaveCaption(shared)).toEqual({ tags: ['holiday', 'sea'], license: 'CC0-1.0' });
  expect(leaveCaption({ description: 'Trip' })).toEqual({});
});

import { expect, it } from 'vitest';
import { createReason } from '../../../src/app/reasons';
import { describeChoice, describeLeft, hasRepeated, type Choice } from '../../../src/upload/file/choice';
import { begin, NO_RETRIES, type UploadState } from '../../../src/upload/file/state';

const content = { type: 'image/jpeg', sha256: '00' };
const HASHED: UploadState = { name: 'hashed', content, retries: NO_RETRIES };

function createAdded(count: number, changes: Partial<Choice['added'][number]> = {}): Choice['added'] {
  return Array.from({ length: count }, () => ({
    state: HASHED,
    isGone: false,
    merged: null,
    isFound: false,
    isRepeated: false,
    isUndecided: false,
    isUnanswered: false,
    ...changes,
  }));
}

const DUPLICATE: UploadState = { name: 'duplicate', image: null, reason: createReason('already-in-library') };
const REFUSED: UploadState = {
  name: 'rejected',
  reason: createReason('refused-before', { code: 'truncated', detail: 'Cut.' }),
};

it('says what of a choice was in the list before, what may be in the library, and what is new', () => {
  const added = [
    ...createAdded(58, { isRepeated: true, isUndecided: true }),
    ...createAdded(1, { isRepeated: true, state: REFUSED }),
    ...createAdded(2, { isRepeated: true, state: DUPLICATE }),
    ...createAdded(3),
  ];
  expect(describeChoice({ total: 544, found: 1, elsewhere: 2, added })).toBe(
    '544 files chosen: 477 are in the list already, 2 are under way in another tab, 1 was found again, 2 have been uploaded before, ' +
      '1 was refused before, 58 may have been uploaded before …, 3 are new.',
  );
});

it('counts as new only what can still be uploaded, and names the rest', () => {
  const end = (state: UploadState) => createAdded(1, { state });
  const added = [
    ...end(DUPLICATE),
    ...end({ name: 'duplicate', image: null, reason: createReason('same-as-another', 'a.jpg') }),
    ...end({ name: 'rejected', reason: createReason('not-a-picture', 'JPEG') }),
    ...end({ name: 'failed', reason: createReason('file-unreadable') }),
    ...end({ name: 'cancelled' }),
    ...createAdded(1),
  ];
  expect(describeChoice({ total: 6, found: 0, elsewhere: 0, added })).toBe(
    '6 files chosen: 1 has been uploaded before, 1 is the same as another in the list, ' +
      '2 cannot be taken, 1 was cancelled, 1 is new.',
  );
});

it('calls no file new that is not hashed yet, or whose content another file in the list has', () => {
  const added = [...createAdded(3, { state: begin() }), ...createAdded(1)];
  const choice = { total: 4, found: 0, elsewhere: 0, added };
  expect(describeChoice(choice)).toBe('4 files chosen: 3 are being looked at …, 1 is new.');
  expect(describeChoice(choice, new Set(['00']))).toBe(
    '4 files chosen: 1 is the same as another in the list, 3 are being looked at …',
  );
});

it('has nothing to say of files that are all new, or that were only missing', () => {
  expect(hasRepeated({ total: 3, found: 0, elsewhere: 0, added: createAdded(3) })).toBe(false);
  expect(hasRepeated({ total: 3, found: 3, elsewhere: 0, added: [] })).toBe(false);
  expect(hasRepeated({ total: 3, found: 0, elsewhere: 0, added: createAdded(2) })).toBe(true);
  expect(hasRepeated({ total: 3, found: 0, elsewhere: 0, added: createAdded(3, { isRepeated: true }) })).toBe(
    true,
  );
});

it('says of a file whose other entry stays in the list that it is in it, or was found again', () => {
  const added = [
    ...createAdded(2, { isGone: true, merged: 'found' }),
    ...createAdded(3, { isGone: true, merged: 'listed' }),
    ...createAdded(1),
  ];
  expect(describeChoice({ total: 7, found: 1, elsewhere: 0, added })).toBe(
    '7 files chosen: 3 are in the list already, 3 were found again, 1 is new.',
  );
  expect(hasRepeated({ total: 2, found: 0, elsewhere: 0, added: added.slice(0, 2) })).toBe(false);
  expect(hasRepeated({ total: 1, found: 0, elsewhere: 0, added: added.slice(2, 3) })).toBe(true);
});

it.each([
  [
    302,
    12,
    'trip',
    '302 photos were chosen. When the page was closed, 12 of them were known here. ' +
      'Choose the folder “\u2068trip\u2069” again to go on with the other 290. Nothing is uploaded twice.',
  ],
  [
    2,
    1,
    '',
    '2 photos were chosen. When the page was closed, 1 of them was known here. ' +
      'Choose them again to go on with the other one. Nothing is uploaded twice.',
  ],
  [
    302,
    0,
    'trip',
    '302 photos were chosen, and the page was closed before any of them was known here. ' +
      'Choose the folder “\u2068trip\u2069” again.',
  ],
  [1, 0, '', '1 photo was chosen, and the page was closed before it was known here. Choose it again.'],
])('says what was left of %s photos of which %s are known', (total, recorded, folder, text) => {
  expect(describeLeft({ total, recorded, folder })).toBe(text);
});

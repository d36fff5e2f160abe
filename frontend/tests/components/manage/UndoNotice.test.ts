// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { EditAnswer, RestorationAnswer } from '../../../src/api/types';
import { connection } from '../../../src/app/connection.svelte';
import { contributorApi } from '../../../src/app/contributor-api';
import { session } from '../../../src/app/session.svelte';
import UndoNotice from '../../../src/components/manage/UndoNotice.svelte';
import { Batch } from '../../../src/manage/batch/batch.svelte';
import { deletions, edits } from '../../../src/manage/library/library';
import { removal } from '../../../src/manage/library/removal.svelte';
import { createImage, createToken } from '../../fixtures';

const TEN_MINUTES = 600_000;
const STORED = ['stockroom.undo.deletion', 'stockroom.undo.edit'];

let component: ReturnType<typeof mount> | null;
let hasNetwork: boolean;
let canDelete: boolean;
/** Ids of the pictures that the library was asked to restore, or to change back, and has. */
let undone: string[];

beforeEach(() => {
  hasNetwork = false;
  canDelete = true;
  undone = [];
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('There is no network.'));
  vi.spyOn(contributorApi, 'deleteImages').mockImplementation(async (ids) => {
    if (!canDelete) throw new NetworkError();
    const restorable_until = new Date(Date.now() + TEN_MINUTES).toISOString();
    return ids.map((id) => ({ id, state: 'deleted', restorable_until }));
  });
  vi.spyOn(contributorApi, 'restoreImages').mockImplementation(async (ids) => {
    if (!hasNetwork) throw new NetworkError();
    undone.push(...ids);
    return ids.map((id): RestorationAnswer => ({ id, state: 'ready', image: createImage(id) }));
  });
  vi.spyOn(contributorApi, 'editImages').mockImplementation(async ({ ids }) => {
    if (!hasNetwork) throw new NetworkError();
    undone.push(...ids);
    return ids.map((id): EditAnswer => ({ id, state: 'edited', image: createImage(id) }));
  });
  signIn('alice');
  document.body.innerHTML =
    '<div data-page="upload"><h1 tabindex="-1">Upload</h1><textarea></textarea></div>';
  component = mount(UndoNotice, { target: document.body });
  flushSync();
});
afterEach(async () => {
  if (component !== null) await unmount(component);
  document.body.replaceChildren();
  connection.isAway = false;
  session.signOut();
  flushSync();
  edits.dismiss();
  deletions.dismiss();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function signIn(sub: string): void {
  session.signIn(createToken({ sub, scope: 'upload', exp: Date.now() / 1000 + 86_400 }));
  flushSync();
}

async function remove(...ids: string[]): Promise<void> {
  await deletions.delete(new Batch(ids), (id) => `${id}.jpg`);
  flushSync();
}

function edit(id: string): void {
  edits.offerOne({ ...createImage(id), credit: 'Eve' }, { ...createImage(id), revision: 1 }, ['credit']);
  flushSync();
}

function findButton(text: string): HTMLButtonElement | undefined {
  return [...document.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === text);
}

/** Presses a button as soon as it is there. */
async function press(text: string): Promise<void> {
  await vi.waitFor(() => {
    flushSync();
    expect(findButton(text)).toBeDefined();
  });
  findButton(text)?.focus();
  findButton(text)?.click();
  flushSync();
}

function getText(): string {
  flushSync();
  return document.querySelector('[aria-label=Undo]')?.textContent.replace(/\s+/g, ' ').trim() ?? '';
}

function dismiss(): void {
  document.querySelector<HTMLButtonElement>('[aria-label=Dismiss]')?.click();
  flushSync();
}

describe('an act while another one is being undone', () => {
  const acts: readonly [string, (id: string) => void | Promise<void>][] = [
    ['a deletion', remove],
    ['an edit', edit],
  ];
  const pairs = acts.flatMap((first) => acts.map((second) => [first, second] as const));

  it.each(pairs.map(([[first, begin], [second, act]]) => [second, first, begin, act] as const))(
    '(%s, and %s) does not change what “Try again” is about, and is offered after it',
    async (_second, _first, begin, act) => {
      await begin('a');
      await press('Undo');
      await vi.waitFor(() => expect(findButton('Stop')).toBeDefined());
      await act('b');
      await press('Stop');
      await vi.waitFor(() =>
        expect(getText()).toContain(
          'The undo of 1 picture may have been done all the same: Stopped before an answer came.',
        ),
      );
      expect(getText()).not.toContain('b.jpg');
      hasNetwork = true;
      await press('Try again');
      await vi.waitFor(() => expect(getText()).toContain('“b.jpg”'));
      expect(undone).toEqual(['a']);
      await press('Undo');
      await vi.waitFor(() => expect(getText()).toBe(''));
      expect(undone).toEqual(['a', 'b']);
    },
  );

  it('is still offered where what is left of the former one is dismissed', async () => {
    await remove('a');
    await press('Undo');
    await vi.waitFor(() => expect(findButton('Stop')).toBeDefined());
    await remove('b');
    await press('Stop');
    await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
    dismiss();
    await vi.waitFor(() => expect(getText()).toContain('Deleted “b.jpg”.'));
    dismiss();
    await vi.waitFor(() => expect(getText()).toBe(''));
  });

  it('has a button of its own where nothing of the former one can be tried again', async () => {
    let answer: () => void = () => undefined;
    vi.mocked(contributorApi.restoreImages).mockImplementationOnce(async ([id = '']) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return [{ id, state: 'gone' }];
    });
    await remove('a');
    await press('Undo');
    await remove('b');
    answer();
    await vi.waitFor(() => expect(getText()).toContain('The time to restore the picture is over.'));
    await vi.waitFor(() => expect(getText()).toContain('Deleted “b.jpg”. 10 minutes left.'));
    hasNetwork = true;
    await press('Undo');
    await vi.waitFor(() => expect(undone).toEqual(['b']));
  });
});

it('undoes, stops and tries again once for a key that is held down', async () => {
  await remove('a');
  const pressKey = (repeat: boolean): boolean => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', repeat, bubbles: true, cancelable: true });
    findButton('Undo')?.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect([pressKey(false), pressKey(true)]).toEqual([false, true]);
});

it('has the notice for itself once the undo of the former act has failed', async () => {
  await remove('a');
  await press('Undo');
  await press('Stop');
  await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
  edit('b');
  expect(getText()).toContain('“b.jpg” changed.');
  expect(getText()).not.toContain('could not be restored');
});

describe('a deletion that was asked for before an edit, and ends after it', () => {
  let deleting: Promise<unknown>;

  beforeEach(async () => {
    vi.spyOn(contributorApi, 'listUploadsById').mockResolvedValue([]);
    canDelete = false;
    deleting = removal.delete(['b'], new Map([['b', 'b.jpg']]));
    await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
    edit('a');
    hasNetwork = true;
  });

  async function carryOut(): Promise<void> {
    canDelete = true;
    dispatchEvent(new Event('online'));
    await deleting;
    flushSync();
  }

  it('leaves the offer to undo the edit, and is offered after it', async () => {
    await carryOut();
    expect(getText()).toContain('“a.jpg” changed.');
    await press('Undo');
    await vi.waitFor(() => expect(getText()).toContain('Deleted “b.jpg”.'));
    expect(undone).toEqual(['a']);
  });

  it('leaves what was said of an undo that has failed, and “Try again”', async () => {
    vi.mocked(contributorApi.editImages).mockRejectedValueOnce(new ApiError(403, 'unknown', 'Refused.'));
    await press('Undo');
    await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
    await carryOut();
    expect(getText()).toContain('1 picture could not be changed back');
    await press('Try again');
    await vi.waitFor(() => expect(getText()).toContain('Deleted “b.jpg”.'));
    expect(undone).toEqual(['a']);
  });

  it('is not offered instead of another deletion that was asked for since', async () => {
    canDelete = true;
    await remove('c');
    await carryOut();
    expect(getText()).toContain('Deleted “c.jpg”.');
  });
});

it('leaves what was said of a deletion whose undo has failed, where another one was asked for before that', async () => {
  vi.spyOn(contributorApi, 'listUploadsById').mockResolvedValue([]);
  await remove('a');
  canDelete = false;
  const deleting = removal.delete(['b'], new Map([['b', 'b.jpg']]));
  await vi.waitFor(() => expect(removal.batch?.isAway).toBe(true));
  vi.mocked(contributorApi.restoreImages).mockRejectedValueOnce(new ApiError(403, 'unknown', 'Refused.'));
  hasNetwork = true;
  await press('Undo');
  await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
  canDelete = true;
  dispatchEvent(new Event('online'));
  await deleting;
  expect(getText()).toContain('1 picture could not be restored');
  await press('Try again');
  await vi.waitFor(() => expect(getText()).toContain('Deleted “b.jpg”.'));
  expect(undone).toEqual(['a']);
});

describe('pictures that could not be restored', () => {
  beforeEach(async () => {
    vi.mocked(contributorApi.restoreImages).mockRejectedValueOnce(new ApiError(403, 'unknown', 'Refused.'));
    hasNetwork = true;
    await remove('a', 'b');
    await press('Undo');
    await vi.waitFor(() => expect(getText()).toContain('2 pictures could not be restored'));
  });

  it('are not spoken of any more once they were restored from the list', async () => {
    await removal.restore(['a', 'b'], new Map());
    expect(getText()).toBe('');
  });

  it('are those that were not restored from the list', async () => {
    await removal.restore(['b'], new Map());
    expect(getText()).toContain('1 picture could not be restored');
    await press('Try again');
    await vi.waitFor(() => expect(getText()).toBe(''));
    expect(undone).toEqual(['b', 'a']);
  });
});

it('has a button that says what it stops, and begins with what can be read on it', async () => {
  await remove('a');
  await press('Undo');
  await vi.waitFor(() => expect(findButton('Stop')?.getAttribute('aria-label')).toBe('Stop the undo'));
  await press('Stop');
  await vi.waitFor(() => expect(findButton('Try again')?.hasAttribute('aria-label')).toBe(false));
});

it('says that it stops while the request on its way has no answer', async () => {
  let answer: () => void = () => undefined;
  vi.mocked(contributorApi.restoreImages).mockImplementationOnce(async ([id = '']) => {
    await new Promise<void>((resolve) => (answer = resolve));
    return [{ id, state: 'ready', image: createImage(id) }];
  });
  await remove('a');
  await press('Undo');
  connection.isAway = true;
  await press('Stop');
  expect(getText()).toContain('Stopping …');
  expect(getText()).not.toContain('goes on by itself');
  expect(findButton('Stop')?.getAttribute('aria-disabled')).toBe('true');
  connection.isAway = false;
  expect(getText()).toContain('Stopping …');
  answer();
  await vi.waitFor(() => expect(getText()).toBe(''));
});

it('is gone after a sleep of the computer through the time in which it could be undone', async () => {
  vi.useFakeTimers();
  await remove('a');
  expect(getText()).toContain('10 minutes left.');
  // Timers go on where they were.
  vi.setSystemTime(Date.now() + TEN_MINUTES);
  await vi.advanceTimersByTimeAsync(5000);
  expect(getText()).toBe('');
});

describe('the focus', () => {
  it('is taken from nobody who types by the time at which the pictures are back', async () => {
    await remove('a');
    await press('Undo');
    await vi.waitFor(() => expect(findButton('Stop')).toBeDefined());
    const field = document.querySelector('textarea');
    field?.focus();
    hasNetwork = true;
    dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(getText()).toBe(''));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(document.activeElement).toBe(field);
  });

  it('goes to the page where it was on the button', async () => {
    hasNetwork = true;
    await remove('a');
    await press('Undo');
    await vi.waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
  });

  it('goes there, too, where nothing of what has failed can be tried again', async () => {
    vi.mocked(contributorApi.restoreImages).mockResolvedValue([{ id: 'a', state: 'gone' }]);
    await remove('a');
    await press('Undo');
    await vi.waitFor(() => expect(document.activeElement?.tagName).toBe('H1'));
    expect(getText()).toContain('The time to restore the picture is over.');
  });
});

describe('nothing is left in the tab', () => {
  const readStored = () => STORED.map((key) => sessionStorage.getItem(key)).filter((value) => value !== null);

  it('by whoever signs out, and nothing shown while the sign-in has run out', async () => {
    await remove('a');
    session.refuse();
    expect(getText()).toBe('');
    expect(readStored().join()).toContain('a.jpg');
    signIn('alice');
    expect(getText()).toContain('Deleted “a.jpg”.');
    session.refuse();
    session.signOut();
    flushSync();
    expect(readStored()).toEqual([]);
  });

  it('by whoever somebody else follows, not even an undo that waits', async () => {
    await remove('a');
    await press('Undo');
    await vi.waitFor(() => expect(findButton('Stop')).toBeDefined());
    signIn('bob');
    expect([getText(), readStored()]).toEqual(['', []]);
    hasNetwork = true;
    dispatchEvent(new Event('online'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([undone, getText()]).toEqual([[], '']);
  });
});

it('says of how many pictures the undo has failed, and of how many that is not known', async () => {
  hasNetwork = true;
  await remove(...Array.from({ length: 130 }, (_, index) => `id-${index}`));
  vi.mocked(contributorApi.restoreImages)
    // The gateway's answer leaves open what became of the first hundred.
    .mockRejectedValueOnce(new ApiError(502, 'unknown', 'The gateway failed.', 0))
    .mockRejectedValueOnce(new ApiError(400, 'invalid-id', 'Refused.'));
  await press('Undo');
  await vi.waitFor(() => expect(findButton('Try again')).toBeDefined());
  expect(getText()).toContain('30 pictures could not be restored: Refused.');
  expect(getText()).toContain('The undo of 100 pictures may have been done all the same: Refused.');
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import type { Image } from '../../../src/api/types';
import { Caption } from '../../../src/manage/captions/caption.svelte';
import { createImage } from '../../fixtures';

const BASE = { ...createImage('a'), description: 'A boat', revision: 1 };
const CONFLICT = new ApiError(412, 'edited-meanwhile', 'Edited meanwhile.');

const api = { editImage: vi.fn(), getCurrentImage: vi.fn() };
const saved: Image[] = [];

function type(text: string): Caption {
  const caption = new Caption(BASE, api, (image) => saved.push(image));
  caption.text = text;
  return caption;
}

beforeEach(() => {
  saved.length = 0;
  vi.resetAllMocks();
  api.editImage.mockImplementation(async (_, { description }, revision: number) => ({
    ...BASE,
    description,
    revision: revision + 1,
  }));
});

describe('a caption', () => {
  it('is saved when it was changed, and only then', async () => {
    const caption = type('A boat ');
    await caption.save();
    expect(api.editImage).not.toHaveBeenCalled();
    caption.text = 'A ship';
    await caption.save();
    expect(api.editImage).toHaveBeenCalledWith('a', { description: 'A ship' }, 1);
    expect(caption.state).toEqual({ name: 'saved' });
    expect(caption.isChanged).toBe(false);
    expect(saved.map(({ description }) => description)).toEqual(['A ship']);
  });

  it('is saved again when it was changed while it was being saved, one request at a time', async () => {
    const caption = type('A sh');
    const first = caption.save();
    caption.text = 'A ship';
    const second = caption.save();
    expect(api.editImage).toHaveBeenCalledOnce();
    await Promise.all([first, second]);
    expect(api.editImage.mock.calls.map(([, changes, revision]) => [changes, revision])).toEqual([
      [{ description: 'A sh' }, 1],
      [{ description: 'A ship' }, 2],
    ]);
    expect(caption.state).toEqual({ name: 'saved' });
  });

  it('is sent once where the library leaves something out of it, such as characters that nobody sees', async () => {
    let count = 0;
    api.editImage.mockImplementation(async () => {
      if (++count > 3) throw new NetworkError();
      return { ...BASE, description: 'A ship', revision: 2 };
    });
    const caption = type('A \u200bship');
    await caption.save();
    expect([count, caption.text, caption.isChanged, caption.state.name]).toEqual([
      1,
      'A ship',
      false,
      'saved',
    ]);
  });

  it('is no conflict with what was sent of it before, where that answer was lost', async () => {
    api.editImage.mockRejectedValueOnce(new NetworkError()).mockRejectedValueOnce(CONFLICT);
    const caption = type('A ship');
    await caption.save();
    api.getCurrentImage.mockResolvedValue({ ...BASE, description: 'A ship', revision: 2 });
    caption.text = 'A ship at sea';
    await caption.save();
    expect(caption.state).toEqual({ name: 'saved' });
    expect(api.editImage).toHaveBeenLastCalledWith('a', { description: 'A ship at sea' }, 2);
    api.editImage.mockRejectedValueOnce(new NetworkError());
    caption.text = 'A ship, and a boat';
    await caption.save();
    caption.text = 'A ship, and a barn';
    caption.refresh({ ...BASE, description: 'A ship, and a boat', revision: 9 });
    await caption.save();
    expect(caption.state).toEqual({ name: 'saved' });
  });

  it('is not sent on top of another change once it was discarded', async () => {
    let answer = (_: Image): void => undefined;
    api.editImage.mockRejectedValueOnce(CONFLICT);
    api.getCurrentImage.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const caption = type('A ship');
    const ended = caption.save();
    await vi.waitFor(() => expect(api.getCurrentImage).toHaveBeenCalled());
    caption.takeTheirs();
    answer({ ...BASE, credit: 'Eve', revision: 2 });
    await ended;
    expect([api.editImage.mock.calls.length, caption.text, caption.isChanged]).toEqual([1, 'A boat', false]);
  });

  it('is saved when a second call to save it has ended, though the first one is on its way', async () => {
    const caption = type('A ship');
    void caption.save();
    await caption.save();
    expect(caption.isChanged).toBe(false);
    expect(api.editImage).toHaveBeenCalledOnce();
  });

  it('says why it was not saved, keeps its text, and is saved when asked again', async () => {
    api.editImage.mockRejectedValueOnce(new NetworkError());
    const caption = type('A ship');
    await caption.save();
    expect(caption.state).toMatchObject({ name: 'failed', reason: expect.stringContaining('reached') });
    expect(caption.text).toBe('A ship');
    await caption.save();
    expect(caption.state).toEqual({ name: 'saved' });
  });

  it('is saved on top of what somebody else has changed of the picture, unless that is the caption', async () => {
    api.editImage.mockRejectedValueOnce(CONFLICT);
    api.getCurrentImage.mockResolvedValue({ ...BASE, credit: 'Eve', revision: 7 });
    const caption = type('A ship');
    await caption.save();
    expect(api.editImage).toHaveBeenLastCalledWith('a', { description: 'A ship' }, 7);
    expect(caption.state).toEqual({ name: 'saved' });
  });

  it.each([
    ['keeps mine', (caption: Caption) => caption.keepMine(), 'A ship', 'saved'],
    ['takes theirs', async (caption: Caption) => caption.takeTheirs(), 'A ferry', 'unchanged'],
  ])('that somebody else has changed waits for a person, who %s', async (_, decide, text, state) => {
    api.editImage.mockRejectedValueOnce(CONFLICT);
    api.getCurrentImage.mockResolvedValue({ ...BASE, description: 'A ferry', revision: 7 });
    const caption = type('A ship');
    await caption.save();
    expect(caption.state).toEqual({ name: 'conflict', theirs: 'A ferry', before: BASE });
    expect(caption.text).toBe('A ship');
    await decide(caption);
    expect(caption.text).toBe(text);
    expect(caption.state.name).toBe(state);
    expect(caption.isChanged).toBe(false);
  });

  it('overwrites nothing that somebody has to decide about, though it is typed into or saved once more', async () => {
    api.editImage.mockRejectedValueOnce(CONFLICT);
    api.getCurrentImage.mockResolvedValue({ ...BASE, description: 'A ferry', revision: 7 });
    const caption = type('A ship');
    await caption.save();
    caption.text = 'A ship at sea';
    await caption.save();
    expect([caption.state.name, api.editImage.mock.calls.length]).toEqual(['conflict', 1]);
    caption.text = 'A ferry';
    await caption.save();
    expect(caption.state.name).toBe('unchanged');
  });

  it('asks what stays where the caption was changed elsewhere after something was typed', async () => {
    const caption = type('A ship');
    caption.refresh({ ...BASE, credit: 'Eve', revision: 2 });
    expect(caption.state.name).toBe('unchanged');
    const before = caption.image;
    caption.refresh({ ...BASE, description: 'A raft', revision: 3 });
    caption.refresh({ ...BASE, description: 'A ferry', revision: 4 });
    expect(caption.state).toEqual({ name: 'conflict', theirs: 'A ferry', before });
    expect(caption.unsaved).toEqual({ image: before, set: { description: 'A ship' } });
    await caption.save();
    expect(api.editImage).not.toHaveBeenCalled();
    caption.refresh({ ...BASE, revision: 5 });
    expect(caption.state.name).toBe('unchanged');
    caption.refresh({ ...BASE, description: 'A raft', revision: 6 });
    await caption.keepMine();
    expect(api.editImage).toHaveBeenCalledWith('a', { description: 'A ship' }, 6);
    caption.text = 'A boat';
    caption.refresh({ ...BASE, description: 'A barn', revision: 8 });
    caption.refresh({ ...BASE, description: 'A boat', revision: 9 });
    expect(caption.state).toEqual({ name: 'unchanged' });
  });

  it('leaves it to the answer what becomes of a caption that is just being saved', async () => {
    let fail = (_: Error): void => undefined;
    api.editImage.mockReturnValueOnce(new Promise((_, reject) => (fail = reject)));
    const newer = { ...BASE, description: 'A ferry', revision: 2 };
    api.getCurrentImage.mockResolvedValue(newer);
    const caption = type('A ship');
    const ended = caption.save();
    caption.refresh(newer);
    fail(CONFLICT);
    await ended;
    expect(caption.state).toEqual({ name: 'conflict', theirs: 'A ferry', before: BASE });
  });

  it('follows a change of the picture elsewhere, unless something was typed', () => {
    const newer = { ...BASE, description: 'A ferry', revision: 2 };
    const untouched = type('A boat');
    untouched.refresh(newer);
    expect(untouched.text).toBe('A ferry');
    const typed = type('A ship');
    typed.refresh(newer);
    expect(typed.text).toBe('A ship');
  });
});

describe('what is not saved of a caption', () => {
  it('is what was typed, on top of the picture as it was', async () => {
    const caption = type(' A ship ');
    expect(caption.unsaved).toEqual({ image: BASE, set: { description: 'A ship' } });
    await caption.save();
    expect(caption.unsaved).toBeNull();
  });

  it('is on top of what stood there before somebody else had changed it, as long as nobody has decided', async () => {
    const theirs = { ...BASE, description: 'A raft', revision: 2 };
    api.editImage.mockRejectedValueOnce(CONFLICT);
    api.getCurrentImage.mockResolvedValue(theirs);
    const caption = type('A ship');
    await caption.save();
    expect(caption.unsaved).toEqual({ image: BASE, set: { description: 'A ship' } });
    api.editImage.mockReturnValue(new Promise(() => undefined));
    void caption.keepMine();
    expect(caption.unsaved).toEqual({ image: theirs, set: { description: 'A ship' } });
  });
});

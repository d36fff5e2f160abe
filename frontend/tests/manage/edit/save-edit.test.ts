import { describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { EditDraft } from '../../../src/manage/edit/edit-draft.svelte';
import { saveEdit, saveEditPatiently } from '../../../src/manage/edit/save-edit';
import { createImage } from '../../fixtures';

const BASE = { ...createImage('a'), description: 'A boat', revision: 1 };

function start() {
  const draft = new EditDraft(BASE);
  draft.values.description = 'A ship';
  const api = { editImage: vi.fn(), getCurrentImage: vi.fn() };
  return { draft, api };
}

describe('an edit', () => {
  it('is saved with the revision that it began with', async () => {
    const { draft, api } = start();
    const saved = { ...BASE, description: 'A ship', revision: 2 };
    api.editImage.mockResolvedValue(saved);
    const { changed } = draft;
    expect(await saveEdit(api, draft)).toEqual({ kind: 'saved', image: saved, before: BASE, changed });
    expect(api.editImage).toHaveBeenCalledWith('a', { description: 'A ship' }, 1);
  });

  it('meets what somebody else has saved, and goes with the new revision after that', async () => {
    const { draft, api } = start();
    api.editImage.mockRejectedValueOnce(new ApiError(412, 'edited-meanwhile', 'Edited meanwhile.'));
    api.getCurrentImage.mockResolvedValue({ ...BASE, credit: 'Eve', revision: 5 });
    expect(await saveEdit(api, draft)).toEqual({ kind: 'conflict' });
    expect(draft.values).toMatchObject({ description: 'A ship', credit: 'Eve' });
    expect(api.editImage).toHaveBeenCalledOnce();

    api.editImage.mockResolvedValue({ ...BASE, revision: 6 });
    await saveEdit(api, draft);
    expect(api.editImage).toHaveBeenLastCalledWith('a', { description: 'A ship' }, 5);
  });

  it('waits for the change of somebody else to be shown, rather than to overwrite what nobody has seen', async () => {
    const { draft, api } = start();
    api.editImage.mockRejectedValue(new ApiError(412, 'edited-meanwhile', 'Edited meanwhile.'));
    api.getCurrentImage.mockResolvedValue(BASE);
    await expect(saveEdit(api, draft)).rejects.toThrow('Try again in a minute');
    expect(draft.base).toBe(BASE);
  });

  it('says of which fields the API does not take the text', async () => {
    const { draft, api } = start();
    const places = [
      { pointer: '/description', code: 'invalid-description', detail: 'It is too long.' },
    ] as const;
    api.editImage.mockRejectedValue(new ApiError(400, 'invalid-description', 'Wrong.', null, places));
    expect(await saveEdit(api, draft)).toEqual({ kind: 'invalid' });
    expect(draft.errors).toEqual({ description: 'It is too long.' });
    expect(draft.values.description).toBe('A ship');
  });

  it('keeps what was typed when the API cannot be reached', async () => {
    const { draft, api } = start();
    api.editImage.mockRejectedValue(new NetworkError());
    await expect(saveEdit(api, draft)).rejects.toThrow(NetworkError);
    expect(draft.changes).toEqual({ description: 'A ship' });
  });
});

describe('an edit without a connection', () => {
  const { signal } = new AbortController();

  it('is saved once there is an answer', async () => {
    const { draft, api } = start();
    const onoutage = vi.fn();
    const image = { ...BASE, description: 'A large ship', revision: 2 };
    api.editImage.mockRejectedValueOnce(new NetworkError()).mockResolvedValue(image);
    const wait = vi.fn(async () => void (draft.values.description = 'A large ship'));
    expect(await saveEditPatiently(api, draft, signal, onoutage, wait)).toMatchObject({
      kind: 'saved',
      image,
      before: BASE,
    });
    expect(api.editImage).toHaveBeenLastCalledWith('a', { description: 'A large ship' }, 1);
    expect(onoutage.mock.calls).toEqual([[true], [false]]);
  });

  it('is saved, too, where only the answer was lost', async () => {
    const { draft, api } = start();
    const image = { ...BASE, description: 'A ship', revision: 2 };
    api.editImage
      .mockRejectedValueOnce(new NetworkError())
      .mockRejectedValue(new ApiError(412, 'edited-meanwhile', 'Edited meanwhile.'));
    api.getCurrentImage.mockResolvedValue(image);
    const { changed } = draft;
    expect(
      await saveEditPatiently(
        api,
        draft,
        signal,
        () => undefined,
        async () => undefined,
      ),
    ).toEqual({ kind: 'saved', image, before: BASE, changed });
  });

  it('ends when nobody waits for it, and where the library refuses it', async () => {
    const { draft, api } = start();
    const abort = new AbortController();
    api.editImage.mockRejectedValue(new NetworkError());
    const wait = vi.fn(async () => abort.abort());
    await expect(saveEditPatiently(api, draft, abort.signal, () => undefined, wait)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(api.editImage).toHaveBeenCalledOnce();
    api.editImage.mockRejectedValue(new ApiError(401, 'token-expired', 'Expired.'));
    await expect(saveEditPatiently(api, draft, signal, () => undefined)).rejects.toMatchObject({
      status: 401,
    });
  });
});

describe('an edit that waits for the connection', () => {
  const { signal } = new AbortController();
  const ignore = () => undefined;

  it('does not overwrite what somebody else has saved, of which the form has heard while it waited', async () => {
    const { draft, api } = start();
    const theirs = { ...BASE, description: 'A yacht', revision: 2 };
    api.editImage
      .mockRejectedValueOnce(new NetworkError())
      .mockImplementation(async (_id, changes, revision) => {
        return { ...theirs, ...changes, revision: revision + 1 };
      });
    // As `refresh` of EditDialog does, whose answer comes late.
    const wait = vi.fn(async () => draft.rebase(theirs));
    const result = await saveEditPatiently(api, draft, signal, ignore, wait);
    expect(result).toEqual({ kind: 'conflict' });
    expect(api.editImage).toHaveBeenCalledOnce();
  });

  it('asks for no empty change where somebody has typed back what was there', async () => {
    const { draft, api } = start();
    api.editImage
      .mockRejectedValueOnce(new NetworkError())
      .mockRejectedValue(new ApiError(400, 'empty-edit' as never, 'Nothing to change.'));
    const wait = vi.fn(async () => void (draft.values.description = 'A boat'));
    await saveEditPatiently(api, draft, signal, ignore, wait).catch(ignore);
    expect(api.editImage).not.toHaveBeenCalledWith('a', {}, 1);
  });

  it('tells that nothing is waited for any more', async () => {
    const { draft, api } = start();
    const abort = new AbortController();
    const onoutage = vi.fn();
    api.editImage.mockRejectedValue(new NetworkError());
    await saveEditPatiently(api, draft, abort.signal, onoutage, async () => abort.abort()).catch(ignore);
    expect(onoutage).toHaveBeenLastCalledWith(false);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { ApiError, NetworkError } from '../../../src/api/errors';
import { EditDraft } from '../../../src/manage/edit/edit-draft.svelte';
import { saveEdit } from '../../../src/manage/edit/save-edit';
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
    expect(await saveEdit(api, draft)).toEqual({ kind: 'saved', image: saved });
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

import { expect, it, vi } from 'vitest';
import type { Upload } from '../../../src/api/types';
import { Rights } from '../../../src/manage/rights/rights';
import { createImage } from '../../fixtures';

function createRights(...scopes: string[]) {
  const listUploadsById = vi.fn(async (ids: string[]) =>
    ids
      .filter((id) => id.startsWith('mine'))
      .map((id) => ({ id, file_name: `${id}.NEF`, image: createImage(id) }) as Upload),
  );
  return { rights: new Rights({ listUploadsById }, scopes), listUploadsById };
}

it('asks once about each contributor', async () => {
  const { rights, listUploadsById } = createRights('read', 'upload');
  const theirs = { ...createImage('theirs'), owner_id: '2' };
  expect(await rights.mayEdit(createImage('mine-1'))).toBe(true);
  expect(await rights.mayEdit(createImage('mine-2'))).toBe(true);
  expect(await rights.mayEdit(theirs)).toBe(false);
  expect(listUploadsById).toHaveBeenCalledTimes(2);
});

it('asks about the contributors of many pictures at once, and about each once', async () => {
  const { rights, listUploadsById } = createRights('upload');
  const theirs = [2, 3].map((id) => ({ ...createImage(`theirs-${id}`), owner_id: String(id) }));
  const images = [createImage('mine-1'), createImage('mine-2'), ...theirs];
  expect([...(await rights.findEditableOwners(images))]).toEqual(['1']);
  expect([...(await rights.findEditableOwners(images.slice(1)))]).toEqual(['1']);
  expect(listUploadsById).toHaveBeenCalledOnce();
  expect(await createRights('read').rights.findEditableOwners(images)).toEqual(new Set());
  expect(await createRights('admin').rights.findEditableOwners(images)).toEqual(new Set(['1', '2', '3']));
});

it('knows what the files of own pictures were called, and asks once about each', async () => {
  const { rights, listUploadsById } = createRights('upload');
  expect(await rights.findFileName(createImage('mine-1'))).toBe('mine-1.NEF');
  // The request that has told whose picture it is has told the name, too.
  expect(listUploadsById).toHaveBeenCalledOnce();
  expect(await rights.findFileName(createImage('mine-2'))).toBe('mine-2.NEF');
  expect(await rights.findFileName(createImage('mine-2'))).toBe('mine-2.NEF');
  expect(listUploadsById).toHaveBeenCalledTimes(2);
});

it('asks again about a picture that was edited: an old one has its title for the name of its file', async () => {
  const { rights, listUploadsById } = createRights('upload');
  const before = { ...createImage('mine'), name: 'Old title' };
  listUploadsById.mockResolvedValueOnce([{ id: 'mine', file_name: 'Old title', image: before } as Upload]);
  expect(await rights.findFileName(before)).toBe('Old title');
  const after = { ...before, name: 'New title', revision: before.revision + 1 };
  listUploadsById.mockResolvedValueOnce([{ id: 'mine', file_name: 'New title', image: after } as Upload]);
  expect(await rights.findFileName(after)).toBe('New title');
  expect(await rights.findFileName(after)).toBe('New title');
  expect(listUploadsById).toHaveBeenCalledTimes(2);
});

it('tells nobody what the file of somebody else was called, administrators neither', async () => {
  const theirs = { ...createImage('theirs'), owner_id: '2' };
  for (const scope of ['read', 'upload', 'admin']) {
    expect(await createRights(scope).rights.findFileName(theirs)).toBeNull();
  }
});

it('asks again after a failure', async () => {
  const { rights, listUploadsById } = createRights('upload');
  listUploadsById.mockRejectedValueOnce(new Error());
  await expect(rights.mayEdit(createImage('mine'))).rejects.toThrow();
  expect(await rights.mayEdit(createImage('mine'))).toBe(true);
});

it.each([
  [['read'], false],
  [['read', 'admin'], true],
])('asks nothing with the scopes %j', async (scopes, expected) => {
  const { rights, listUploadsById } = createRights(...scopes);
  expect(await rights.mayEdit(createImage('any'))).toBe(expected);
  expect(listUploadsById).not.toHaveBeenCalled();
});

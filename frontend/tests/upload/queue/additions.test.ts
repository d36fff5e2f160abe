import { beforeEach, expect, it, vi } from 'vitest';
import { announcer } from '../../../src/app/announcer.svelte';
import { Additions } from '../../../src/upload/queue/additions.svelte';
import { UploadItem } from '../../../src/upload/file/item.svelte';
import { OpenChoice } from '../../../src/upload/file/open-choice';
import { rememberPath } from '../../../src/upload/selection/file-handles';
import { createPhoto, createPhotos } from '../../fixtures';
import { createQueue, FakeLibrary, pass, useFakeTime } from '../fake-library';

useFakeTime();
beforeEach(() => {
  // Each part waits until the browser has painted the one before.
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 16));
});

function createAdditions() {
  const queue = createQueue(new FakeLibrary());
  const page = { owner: 'alice' as string | null, handover: Promise.resolve() };
  const onadded = vi.fn();
  const onchosen = vi.fn();
  const additions = new Additions({
    queue,
    getOwner: () => page.owner,
    leaveToOtherTabs: async (files) => files,
    waitForOwnList: () => page.handover,
    onchosen,
    onadded,
  });
  queue.resume('alice');
  return { queue, page, additions, onchosen, onadded };
}

it('adds many files in parts, and says when all of them are in the list', async () => {
  const { queue, additions, onadded } = createAdditions();
  void additions.add(createPhotos(250));
  const done = vi.fn();
  void additions.done.then(done);
  await pass(0.05);
  expect(queue.items.length).toBeGreaterThan(0);
  expect(queue.items.length).toBeLessThan(250);
  expect(additions.coming).toBe(250 - queue.items.length);
  expect(done).not.toHaveBeenCalled();
  await pass(5);
  expect(queue.items).toHaveLength(250);
  expect(additions.coming).toBe(0);
  expect(done).toHaveBeenCalled();
  expect(onadded).toHaveBeenCalledOnce();
});

it('finds missing files of other paths again, also where their parts come one after another', async () => {
  const { queue, additions } = createAdditions();
  const name = (index: number): string => `${index % 200}.jpg`;
  queue.restore(
    Array.from({ length: 200 }, (_, position) =>
      UploadItem.restore(
        { name: name(position), size: 1, lastModified: 1, path: '', metadata: {}, shared: null, position },
        null,
        { name: 'missing', content: null },
      ),
    ),
  );
  // The last fifty look as the first fifty, from another folder.
  const files = Array.from({ length: 250 }, (_, index) =>
    rememberPath(createPhoto(name(index), String(index % 7)), `${index < 200 ? 'a' : 'b'}/${name(index)}`),
  );
  await Promise.all([additions.add(files), pass(1)]);
  expect(queue.items).toHaveLength(300);
  expect(queue.items.filter(({ state }) => state.name === 'missing')).toHaveLength(50);
});

it('adds nothing to a list before it is that of whoever has chosen', async () => {
  const { queue, page, additions } = createAdditions();
  let release = () => {};
  page.owner = 'bob';
  page.handover = new Promise((resolve) => (release = resolve));
  void additions.add(createPhotos(2));
  await pass(1);
  expect(queue.items).toEqual([]);
  expect(additions.coming).toBe(2);
  release();
  await pass(1);
  expect(queue.items).toHaveLength(2);
});

it('adds nothing that was read only after whoever had chosen it has signed out, and says so', async () => {
  const { queue, page, additions } = createAdditions();
  page.owner = 'bob';
  await additions.add(createPhotos(2), 'alice');
  await pass(1);
  expect(queue.items).toEqual([]);
  expect(additions.refused).toBe(2);
  expect(announcer.message).toContain('2 photos had not been read');
  await additions.add(createPhotos(1));
  expect(additions.refused).toBe(0);
  expect(queue.items).toHaveLength(1);
});

it('gives up what is still to be added when everything is forgotten', async () => {
  const { queue, additions } = createAdditions();
  void additions.add(createPhotos(250));
  await pass(0.05);
  expect(queue.items.length).toBeGreaterThan(0);
  queue.forget();
  additions.forget();
  await pass(5);
  expect(queue.items).toEqual([]);
  expect(additions.coming).toBe(0);
});

it('says at once how many files were chosen, and what becomes of them', async () => {
  const { queue, additions, onchosen } = createAdditions();
  let choice = new OpenChoice([], null, 0);
  onchosen.mockImplementation((chosen: OpenChoice) => (choice = chosen));
  void additions.add(createPhotos(250));
  expect([choice.total, choice.recorded, choice.owner]).toEqual([250, 0, 'alice']);
  await pass(5);
  expect(choice.write(queue.items)).toHaveLength(250);
  expect(choice.isComplete).toBe(true);
  // Those of before are known.
  void additions.add(createPhotos(250));
  await pass(5);
  expect(choice.isComplete).toBe(true);
  // What was given up is not missed.
  void additions.add(createPhotos(600));
  await pass(0.05);
  additions.forget();
  await pass(5);
  choice.write(queue.items);
  expect(choice.isComplete).toBe(true);
});

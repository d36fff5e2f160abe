// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../resize';
import { ApiError, NetworkError } from '../../src/api/errors';
import { api } from '../../src/app/api';
import { describeError } from '../../src/app/messages';
import { router } from '../../src/app/router.svelte';
import { session } from '../../src/app/session.svelte';
import { pictureChanges } from '../../src/pictures/picture-changes.svelte';
import PicturePage from '../../src/routes/PicturePage.svelte';
import { results } from '../../src/search/results.svelte';
import { createImage, createToken } from '../fixtures';
import { reactive } from '../reactive.svelte';

const TOKEN = createToken({ iss: 'here', sub: 'alice', name: 'Alice', scope: 'read', exp: 32_503_680_000 });

let component: ReturnType<typeof mount> | undefined;
let box: HTMLElement;

beforeEach(async () => {
  // Nothing comes into view here.
  const observer = { observe: () => undefined, disconnect: () => undefined };
  vi.stubGlobal(
    'IntersectionObserver',
    vi.fn(function () {
      return observer;
    }),
  );
  vi.spyOn(api, 'getConfig').mockRejectedValue(new TypeError());
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('There is no network here.')));
  await router.go('/p/A');
});
afterEach(() => {
  if (component !== undefined) void unmount(component);
  component = undefined;
  session.signOut();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('shows a picture of a private library no longer once another tab has signed out', async () => {
  localStorage.setItem('stockroom.token', TOKEN);
  session.signIn(TOKEN);
  session.share(true);
  const getImage = vi.spyOn(api, 'getImage').mockResolvedValueOnce(createImage('A'));
  box = document.createElement('div');
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  await vi.waitFor(() => expect(box.querySelector('h1')?.textContent).toBe('A.jpg'));

  // The answer is on its way, and the picture has gone already.
  let refuse: (reason: Error) => void = () => undefined;
  getImage.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
  localStorage.removeItem('stockroom.token');
  dispatchEvent(
    new StorageEvent('storage', {
      storageArea: localStorage,
      key: 'stockroom.token',
      oldValue: TOKEN,
      newValue: null,
    }),
  );
  flushSync();
  expect(session.token).toBeNull();
  expect(box.innerHTML).not.toContain('A.jpg');
  expect(box.innerHTML).not.toContain('/i/A/');
  refuse(new ApiError(401, 'token-missing', 'Sign in to see it.'));
  // What offers to sign in is a module of its own, which a busy machine takes a while to load.
  await vi.waitFor(() => expect(box.textContent).toContain('Sign in'), { timeout: 30_000 });
  expect(getImage).toHaveBeenCalledTimes(2);
  await vi.dynamicImportSettled();
});

it('shows what only somebody may see no longer once somebody else has signed in', async () => {
  session.signIn(TOKEN);
  const getImage = vi.spyOn(api, 'getImage').mockResolvedValueOnce(createImage('A'));
  box = document.createElement('div');
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  await vi.waitFor(() => expect(box.querySelector('h1')?.textContent).toBe('A.jpg'));

  // Nothing is asked for again where the same person has another token.
  session.signIn(createToken({ iss: 'here', sub: 'alice', name: 'Al', scope: 'read', exp: 32_503_680_000 }));
  flushSync();
  expect(box.innerHTML).toContain('A.jpg');
  expect(getImage).toHaveBeenCalledTimes(1);

  getImage.mockReturnValueOnce(new Promise(() => undefined));
  session.signIn(createToken({ iss: 'here', sub: 'bob', name: 'Bob', scope: 'read', exp: 32_503_680_000 }));
  flushSync();
  expect(box.innerHTML).not.toContain('A.jpg');
  expect(getImage).toHaveBeenCalledTimes(2);
  await vi.dynamicImportSettled();
});

it('says that the viewer is being loaded, and opens no viewer once somebody has left the page', async () => {
  vi.spyOn(api, 'getImage').mockResolvedValue(createImage('A'));
  box = document.createElement('div');
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  await vi.waitFor(() => expect(box.querySelector('.enlarge')).not.toBeNull());
  const button = box.querySelector<HTMLElement>('.enlarge');
  expect(button?.getAttribute('aria-busy')).toBe('false');
  button?.click();
  flushSync();
  expect(button?.getAttribute('aria-busy')).toBe('true');
  const entries = history.length;
  void unmount(component);
  component = undefined;
  await vi.dynamicImportSettled();
  expect(document.querySelector('.pswp')).toBeNull();
  expect(history.length).toBe(entries);
});

it('says that a picture could not be enlarged until there is a network again', async () => {
  vi.spyOn(api, 'getImage').mockResolvedValue(createImage('A'));
  box = document.createElement('div');
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  await vi.waitFor(() => expect(box.querySelector('.enlarge')).not.toBeNull());
  vi.spyOn(router, 'go').mockRejectedValueOnce(new TypeError());
  box.querySelector<HTMLElement>('.enlarge')?.click();
  await vi.waitFor(() => expect(box.textContent).toContain('could not be enlarged'));
  window.dispatchEvent(new Event('online'));
  flushSync();
  expect(box.textContent).not.toContain('could not be enlarged');
  await vi.dynamicImportSettled();
});

it.each(['answered', 'refused'])('heeds nothing of a picture that was left before it was %s', async (how) => {
  let settle: () => void = () => undefined;
  vi.spyOn(api, 'getImage').mockImplementation((id) =>
    id === 'A'
      ? new Promise((resolve, reject) => {
          settle = () =>
            how === 'answered' ? resolve(createImage('A')) : reject(new ApiError(404, 'not-found', 'Gone.'));
        })
      : Promise.resolve(createImage(id)),
  );
  box = document.createElement('div');
  const props = reactive({ id: 'A' });
  component = mount(PicturePage, { target: box, props });
  flushSync();
  props.id = 'B';
  await vi.waitFor(() => expect(box.querySelector('h1')?.textContent).toBe('B.jpg'));
  settle();
  await new Promise((resolve) => setTimeout(resolve));
  flushSync();
  expect(box.querySelector('h1')?.textContent).toBe('B.jpg');
  await vi.dynamicImportSettled();
});

it.each(['load', 'error'])(
  'takes the picture over from the page as it came, also at an %s',
  async (event) => {
    document.body.innerHTML = '<div class="first-picture"></div>';
    vi.spyOn(api, 'getImage').mockResolvedValueOnce(createImage('A'));
    box = document.createElement('div');
    document.body.append(box);
    component = mount(PicturePage, { target: box, props: { id: 'A' } });
    await vi.waitFor(() => expect(box.querySelector('img')).not.toBeNull());
    expect(document.querySelector('.first-picture')).not.toBeNull();
    box.querySelector('img')?.dispatchEvent(new Event(event));
    flushSync();
    expect(document.querySelector('.first-picture')).toBeNull();
    box.remove();
  },
);

/** The page of a picture as it comes from the library. */
function showAsItCame(): HTMLElement {
  document.body.innerHTML =
    '<div class="first-picture"><div class="picture-frame"><picture><img></picture></div></div>';
  box = document.createElement('div');
  document.body.append(box);
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  return box;
}

const DOWN = new ApiError(503, 'database-waking', 'The database is starting.');
const TOLD = describeError(DOWN);

it('keeps the picture of the page as it came while the API is down, with the notice beside it', async () => {
  const getImage = vi.spyOn(api, 'getImage').mockRejectedValueOnce(DOWN);
  const page = showAsItCame();
  const file = document.querySelector('.picture-frame img');
  await vi.waitFor(() => expect(page.querySelector('article')?.textContent).toContain(TOLD));
  expect(page.querySelector('.stage .picture-frame img')).toBe(file);
  expect(document.querySelector('.first-picture')).toBeNull();

  // It stays while the API is asked again, and goes when the page has the picture itself.
  let answer: () => void = () => undefined;
  getImage.mockReturnValueOnce(new Promise((resolve) => (answer = () => resolve(createImage('A')))));
  page.querySelector<HTMLElement>('article button')?.click();
  flushSync();
  expect(page.querySelector('.stage .picture-frame img')).toBe(file);
  expect(page.querySelector('article')?.textContent).not.toContain(TOLD);
  answer();
  await vi.waitFor(() => expect(page.querySelector('h1')?.textContent).toBe('A.jpg'));
  expect(page.contains(file)).toBe(false);
  expect(page.querySelectorAll('.picture-frame').length).toBe(1);
});

it('asks again by itself for a picture to which no answer came, and at once when the connection is back', async () => {
  vi.useFakeTimers();
  const getImage = vi.spyOn(api, 'getImage').mockImplementation(() => Promise.reject(new NetworkError()));
  box = document.createElement('div');
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  await vi.advanceTimersByTimeAsync(0);
  expect(box.textContent).toContain('The server cannot be reached.');
  expect(box.textContent).toContain('Trying again in');
  // 1, 2 and 4 seconds after the answer before.
  for (const [ms, count] of [
    [1000, 2],
    [1999, 2],
    [1, 3],
    [3999, 3],
    [1, 4],
  ] as const) {
    await vi.advanceTimersByTimeAsync(ms);
    expect(getImage).toHaveBeenCalledTimes(count);
    expect(box.textContent).toContain('The server cannot be reached.');
  }
  getImage.mockResolvedValue(createImage('A'));
  dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);
  expect(getImage).toHaveBeenCalledTimes(5);
  expect(box.querySelector('h1')?.textContent).toBe('A.jpg');
  await vi.advanceTimersByTimeAsync(20_000);
  dispatchEvent(new Event('online'));
  expect(getImage).toHaveBeenCalledTimes(5);
  vi.useRealTimers();
  await vi.dynamicImportSettled();
});

it('waits for a slow answer when it has asked again, and asks for nothing in a tab that nobody sees', async () => {
  vi.useFakeTimers();
  const getImage = vi.spyOn(api, 'getImage').mockRejectedValueOnce(new NetworkError());
  let answer: (image: ReturnType<typeof createImage>) => void = () => undefined;
  getImage.mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  box = document.createElement('div');
  component = mount(PicturePage, { target: box, props: { id: 'A' } });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(getImage).toHaveBeenCalledTimes(1);
  hidden.mockReturnValue(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(getImage).toHaveBeenCalledTimes(2);
  answer(createImage('A'));
  await vi.advanceTimersByTimeAsync(0);
  expect(box.querySelector('h1')?.textContent).toBe('A.jpg');
  vi.useRealTimers();
  await vi.dynamicImportSettled();
});

it('takes the picture of the page as it came away when the API says that it is gone', async () => {
  const getImage = vi.spyOn(api, 'getImage').mockRejectedValueOnce(DOWN);
  const page = showAsItCame();
  await vi.waitFor(() => expect(page.querySelector('.stage .picture-frame')).not.toBeNull());
  getImage.mockRejectedValueOnce(new ApiError(404, 'not-found', 'There is no such picture.'));
  page.querySelector<HTMLElement>('article button')?.click();
  await vi.waitFor(() => expect(page.querySelector('h1')?.textContent).toBe('Not found'));
  expect(document.querySelector('.picture-frame')).toBeNull();
});

describe('a picture of results that are some seconds old', () => {
  const [A, B] = [createImage('A'), createImage('B')];

  beforeEach(async () => {
    vi.spyOn(results, 'images', 'get').mockReturnValue([A, B]);
    vi.spyOn(api, 'listSimilar').mockResolvedValue([]);
    await router.go('/p/A', { state: { search: '/?q=x' } });
  });

  function showResult(): HTMLElement {
    box = document.createElement('div');
    component = mount(PicturePage, { target: box, props: { id: 'A' } });
    flushSync();
    return box;
  }

  it('is shown at once, and is gone when the API says so, with a way to its neighbours', async () => {
    let refuse: () => void = () => undefined;
    const GONE = new ApiError(404, 'not-found', 'There is no such picture.');
    vi.spyOn(api, 'getImage').mockReturnValueOnce(new Promise((_, reject) => (refuse = () => reject(GONE))));
    const page = showResult();
    expect(page.querySelector('h1')?.textContent).toBe('A.jpg');
    refuse();
    await vi.waitFor(() => expect(page.querySelector('h1')?.textContent).toBe('Not found'));
    expect(page.innerHTML).not.toContain('/i/A/');
    expect(page.querySelector('[aria-label="Next picture"]')?.getAttribute('aria-disabled')).toBe('false');
  });

  it('is shown as it is now, and stays when the API cannot be reached', async () => {
    const getImage = vi.spyOn(api, 'getImage');
    getImage.mockResolvedValueOnce({ ...A, name: 'edited.jpg', revision: A.revision + 1 });
    const page = showResult();
    await vi.waitFor(() => expect(page.querySelector('h1')?.textContent).toBe('edited.jpg'));
    void unmount(component ?? {});
    getImage.mockRejectedValueOnce(DOWN);
    const other = showResult();
    await new Promise((resolve) => setTimeout(resolve));
    flushSync();
    expect(other.querySelector('h1')?.textContent).toBe('A.jpg');
    expect(other.querySelector('.notice')).toBeNull();
  });

  it('is not asked for by whoever has just changed it: a cache may have an older answer', () => {
    pictureChanges.noteCurrent([A]);
    const getImage = vi.spyOn(api, 'getImage');
    expect(showResult().querySelector('h1')?.textContent).toBe('A.jpg');
    expect(getImage).not.toHaveBeenCalled();
    pictureChanges.forget(['A'], pictureChanges.count);
  });
});

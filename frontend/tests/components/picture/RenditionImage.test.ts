// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import RenditionImage from '../../../src/components/picture/RenditionImage.svelte';
import type { Image } from '../../../src/api/types';
import { findLoaded } from '../../../src/pictures/loaded-files';
import type { RenditionName } from '../../../src/pictures/renditions';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount>;
let box: HTMLElement;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  void unmount(component);
  box.remove();
  vi.useRealTimers();
});

function show(rendition: RenditionName, props: { alt?: string; image?: Image } = {}): void {
  box = document.createElement('div');
  document.body.append(box);
  component = mount(RenditionImage, { target: box, props: { image: createImage('A'), rendition, ...props } });
  flushSync();
}

function getFile(): HTMLImageElement {
  const file = box.querySelector('img');
  if (file === null) throw new Error('There is no img.');
  return file;
}

function dispatch(target: EventTarget, type: string): void {
  target.dispatchEvent(new Event(type));
  flushSync();
}

const getText = (): string => box.textContent.trim();

describe('RenditionImage', () => {
  it('says that its file has failed to load, and loads it again at growing intervals', () => {
    show('720p', { image: createImage('UNSEEN') });
    const delays = [2000, 8000, 32_000, 60_000, 60_000];
    for (const delay of delays) {
      const failed = getFile();
      dispatch(failed, 'error');
      expect(getText()).toContain('The picture could not be loaded.');
      expect(failed.hidden).toBe(true);
      vi.advanceTimersByTime(delay - 1);
      flushSync();
      expect(getFile()).toBe(failed);
      vi.advanceTimersByTime(1);
      flushSync();
      expect(getFile()).not.toBe(failed);
      expect(getText()).toBe('');
    }
    const last = getFile();
    dispatch(last, 'error');
    box.querySelector('button')?.click();
    flushSync();
    expect(getFile()).not.toBe(last);
    dispatch(getFile(), 'load');
    expect(getFile().dataset['loaded']).toBe('true');
    expect(getText()).toBe('');
  });

  it('asks for nothing in a tab that nobody sees, and loads again when somebody does', () => {
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    show('720p');
    const failed = getFile();
    dispatch(failed, 'error');
    vi.advanceTimersByTime(600_000);
    dispatch(document, 'visibilitychange');
    expect(getFile()).toBe(failed);
    visibility.mockReturnValue('visible');
    dispatch(document, 'visibilitychange');
    expect(getFile()).not.toBe(failed);
    visibility.mockRestore();
  });

  it('loads again when the connection is back', () => {
    show('720p');
    const failed = getFile();
    dispatch(window, 'online');
    expect(getFile()).toBe(failed);
    dispatch(failed, 'error');
    dispatch(window, 'online');
    expect(getFile()).not.toBe(failed);
  });

  /** The browser has loaded this file for the `<img>`. */
  function load(file: HTMLImageElement, url: string): void {
    Object.defineProperty(file, 'currentSrc', { value: url, configurable: true });
    dispatch(file, 'load');
  }

  const getShown = (): string | undefined => box.querySelector('picture')?.style.backgroundImage;

  it('goes on showing a smaller file where a larger one fails, with a mark', () => {
    show('240p', { image: createImage('SMALL') });
    load(getFile(), '/small.jpg');
    dispatch(getFile(), 'error');
    expect(getShown()).toContain('/small.jpg');
    expect(box.querySelector('.failure.mark svg')).not.toBeNull();
    expect(getFile().hidden).toBe(true);
    vi.advanceTimersByTime(2000);
    flushSync();
    expect(getFile().hidden).toBe(false);
    expect(box.querySelector('.mark')).toBeNull();
  });

  it('shows the file of a tile that was there before, with words and a button, and tries again', () => {
    const image = createImage('SEEN');
    show('240p', { image });
    load(getFile(), '/seen.jpg');
    void unmount(component);
    box.remove();
    show('720p', { image });
    const failed = getFile();
    dispatch(failed, 'error');
    expect(getShown()).toContain('/seen.jpg');
    expect(box.querySelector('.failure')?.classList).toContain('mark');
    expect(getText()).toContain('The sharp picture could not be loaded.');
    expect(box.querySelectorAll('img').length).toBe(1);
    box.querySelector('button')?.click();
    flushSync();
    expect(getFile()).not.toBe(failed);
  });

  it('asks for the small file when the large one fails and the browser has no other', () => {
    show('720p', { image: createImage('BROKEN') });
    dispatch(getFile(), 'error');
    expect(box.querySelector('.failure')?.classList).not.toContain('mark');
    const spare = box.querySelector<HTMLImageElement>('.failure img');
    expect(spare?.getAttribute('src')).toBe('/i/BROKEN/v1/240p.jpg');
    load(spare ?? getFile(), '/i/BROKEN/v1/240p.jpg');
    expect(getShown()).toContain('/i/BROKEN/v1/240p.jpg');
    expect(box.querySelector('.failure')?.classList).toContain('mark');
    expect(box.querySelector('.failure img')).toBeNull();
  });

  it('has no button where it is small, as a tile is a link', () => {
    show('240p');
    dispatch(getFile(), 'error');
    expect(box.querySelector('.visually-hidden')?.textContent).toBe('A.jpg (not loaded)');
    expect(box.querySelector('.word')?.textContent).toBe('Not loaded');
    expect(box.querySelector('button')).toBeNull();
  });

  it('says nothing beside a label that says what there is', () => {
    show('240p', { alt: '' });
    dispatch(getFile(), 'error');
    expect(box.querySelector('.failure svg')).not.toBeNull();
    expect(getText()).toBe('');
  });

  // Whoever has made it is gone as well, and with it the picture that it was to show.
  it('notes no file that has loaded after the picture was taken away', () => {
    show('240p', { image: createImage('GONE') });
    const file = getFile();
    Object.defineProperty(file, 'currentSrc', { value: '/gone.jpg' });
    box.remove();
    dispatch(file, 'load');
    expect(findLoaded('GONE')).toBeNull();
    document.body.append(box);
    dispatch(file, 'load');
    expect(findLoaded('GONE')).toBe('/gone.jpg');
  });
});

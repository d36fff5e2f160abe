// @vitest-environment happy-dom
import type PhotoSwipe from 'photoswipe';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registerProblem } from '../../src/pictures/viewer-problem';

type State = 'loading' | 'loaded' | 'failed';

/** A viewer with one picture, and what it says of it. */
function createViewer() {
  const element = document.createElement('div');
  const handlers = new Map<string, () => void>();
  const createContent = (state: State) => ({
    element: Object.assign(document.createElement('img'), { src: 'https://stock.test/i/a.jpg' }),
    state,
    isLoading(): boolean {
      return this.state === 'loading';
    },
    isError(): boolean {
      return this.state === 'failed';
    },
  });
  const viewer = {
    currIndex: 0,
    currSlide: { content: createContent('loading') },
    element: { focus: vi.fn() },
    on: (event: string, handler: () => void) => handlers.set(event, handler),
    refreshSlideContent: vi.fn(() => show('loading')),
    ui: { registerElement: ({ onInit }: { onInit: (box: HTMLElement) => void }) => onInit(element) },
  };
  function show(state: State): void {
    viewer.currSlide = { content: createContent(state) };
    handlers.get('change')?.();
  }
  function settle(state: State): void {
    viewer.currSlide.content.state = state;
    handlers.get(state === 'failed' ? 'loadError' : 'loadComplete')?.();
  }
  registerProblem(viewer as unknown as PhotoSwipe);
  return { viewer, show, settle, emit: (event: string) => handlers.get(event)?.(), element };
}

const said = (element: Element): string | null => element.querySelector('p')?.textContent ?? null;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('says after some seconds that a picture still loads, and that no more once it is there', () => {
  const { element, emit, settle } = createViewer();
  vi.advanceTimersByTime(5000);
  emit('change');
  expect(said(element)).toBeNull();
  vi.advanceTimersByTime(1500);
  expect(said(element)).toBe('The picture is still loading.');
  settle('loaded');
  expect(said(element)).toBeNull();
  vi.advanceTimersByTime(60_000);
  expect(said(element)).toBeNull();
});

it('lets go of the file that does not come, and asks again', () => {
  const { viewer, element } = createViewer();
  const { element: file } = viewer.currSlide.content;
  vi.advanceTimersByTime(6000);
  element.querySelector('button')?.click();
  expect(file.hasAttribute('src')).toBe(false);
  expect(viewer.refreshSlideContent).toHaveBeenCalledWith(0);
  expect(viewer.element.focus).toHaveBeenCalled();
  expect(said(element)).toBeNull();
  vi.advanceTimersByTime(6000);
  expect(said(element)).toBe('The picture is still loading.');
});

it('waits anew for the next picture, and says at once what has failed', () => {
  const { element, show, settle, emit } = createViewer();
  vi.advanceTimersByTime(4000);
  show('loading');
  vi.advanceTimersByTime(4000);
  expect(said(element)).toBeNull();
  settle('failed');
  expect(said(element)).toBe('The picture could not be loaded. Check your connection.');
  show('loading');
  emit('destroy');
  vi.advanceTimersByTime(60_000);
  expect(said(element)).toBeNull();
});

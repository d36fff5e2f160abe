/** Says in the middle of the viewer that its picture could not be loaded, or still loads, with a button to try again. */
import type PhotoSwipe from 'photoswipe';

const EVENTS = ['change', 'loadError', 'loadComplete'] as const;

/** Ms after which a picture that is not there still loads: on most lines it would be there. */
const STILL_LOADING_AFTER = 6000;

/** Adds the text and the button to the viewer's controls. They are seen while the picture of this slide is missing. */
export function registerProblem(viewer: PhotoSwipe): void {
  viewer.ui?.registerElement({
    name: 'problem',
    appendTo: 'root',
    onInit: (element) => {
      const text = document.createElement('p');
      const button = document.createElement('button');
      Object.assign(button, { type: 'button', className: 'button', textContent: 'Try again' });
      button.addEventListener('click', () => {
        // The browser would go on waiting for the file, and give it to the next one who asks.
        const file = viewer.currSlide?.content.element;
        file?.removeAttribute('srcset');
        file?.removeAttribute('src');
        viewer.refreshSlideContent(viewer.currIndex);
        // The button goes with the problem, and the keys are for the viewer.
        viewer.element?.focus();
      });
      element.setAttribute('role', 'alert');
      const say = (words: string): void => {
        if (words === (element.hasChildNodes() ? text.textContent : '')) return;
        text.textContent = words;
        // An alert is read aloud when its text comes.
        element.replaceChildren(...(words === '' ? [] : [text, button]));
      };
      let timer: ReturnType<typeof setTimeout> | undefined;
      /** What the timer is set for: the content of a slide. */
      let awaited: unknown = null;
      const update = (): void => {
        const content = viewer.currSlide?.content;
        const isLoading = content?.isLoading() === true;
        if (isLoading && content === awaited) return;
        clearTimeout(timer);
        awaited = isLoading ? content : null;
        say(content?.isError() === true ? 'The picture could not be loaded. Check your connection.' : '');
        if (isLoading) timer = setTimeout(() => say('The picture is still loading.'), STILL_LOADING_AFTER);
      };
      for (const event of EVENTS) viewer.on(event, update);
      viewer.on('destroy', () => clearTimeout(timer));
      update();
    },
  });
}

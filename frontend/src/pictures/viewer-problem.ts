/** Says in the middle of the viewer that its picture could not be loaded, with a button to try again. */
import type PhotoSwipe from 'photoswipe';

const EVENTS = ['change', 'loadError', 'loadComplete'] as const;

/** Adds the text and the button to the viewer's controls. They are seen while the picture of this slide is missing. */
export function registerProblem(viewer: PhotoSwipe): void {
  viewer.ui?.registerElement({
    name: 'problem',
    appendTo: 'root',
    onInit: (element) => {
      const text = document.createElement('p');
      text.textContent = 'The picture could not be loaded. Check your connection.';
      const button = document.createElement('button');
      Object.assign(button, { type: 'button', className: 'button', textContent: 'Try again' });
      button.addEventListener('click', () => {
        viewer.refreshSlideContent(viewer.currIndex);
        // The button goes with the problem, and the keys are for the viewer.
        viewer.element?.focus();
      });
      element.setAttribute('role', 'alert');
      const update = (): void => {
        const hasFailed = viewer.currSlide?.content.isError() === true;
        // An alert is read aloud when its text comes.
        if (hasFailed !== element.hasChildNodes())
          element.replaceChildren(...(hasFailed ? [text, button] : []));
      };
      for (const event of EVENTS) viewer.on(event, update);
      update();
    },
  });
}

/** One picture after another on the whole screen, with zoom, by touch, mouse and keyboard. Loaded when it is opened. */
import PhotoSwipe from 'photoswipe';
import 'photoswipe/style.css';
import './viewer.css';
import type { Image } from '../api/types';
import { isRightToLeft } from '../app/reading-order';
import { describePicture } from './caption';
import { buildSlide } from './slide';
import { registerProblem } from './viewer-problem';

export interface ViewerOptions {
  /** The pictures as they are now: more may come while the viewer is open. */
  getImages: () => readonly Image[];
  index: number;
  /** The picture that is shown is another one. */
  onchange: (image: Image) => void;
  /** The viewer begins to close, with this picture on the screen. */
  onclosing: (image: Image | undefined) => void;
  onclose: () => void;
}

/** How much larger than the screen a picture is after a click, and at most. */
const ZOOM = 2.5;
const MAX_ZOOM = 5;

const FULLSCREEN_ICON =
  '<svg aria-hidden="true" class="pswp__icn" viewBox="0 0 32 32" width="32" height="32"><path d="M7 13V7h6v2H9v4zm12-6h6v6h-2V9h-4zM7 19h2v4h4v2H7zm16 0h2v6h-6v-2h4z"/></svg>';

/** Opens the viewer. The returned function closes it, without fading out. */
export function openViewer({ getImages, index, onchange, onclosing, onclose }: ViewerOptions): () => void {
  // The viewer goes on to the right, so that where people read from right to left it has the pictures the other way round,
  // and no more of them than there are now.
  const isMirrored = isRightToLeft();
  const last = getImages().length - 1;
  const getImage = (position: number) => getImages()[isMirrored ? last - position : position];
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const viewer = new PhotoSwipe({
    index: isMirrored ? last - index : index,
    dataSource: [],
    bgOpacity: 1,
    loop: false,
    // The pictures that are loaded by now are not how many there are.
    counter: false,
    showHideAnimationType: isStill ? 'none' : 'fade',
    zoomAnimationDuration: isStill ? false : 250,
    secondaryZoomLevel: ({ fit }) => fit * ZOOM,
    maxZoomLevel: ({ fit }) => fit * MAX_ZOOM,
    closeTitle: 'Close',
    zoomTitle: 'Zoom',
    arrowPrevTitle: isMirrored ? 'Next picture' : 'Previous picture',
    arrowNextTitle: isMirrored ? 'Previous picture' : 'Next picture',
    // `registerProblem` says it in the middle of the screen, with a button: the place of a picture moves with each touch.
    errorMsg: '',
  });
  viewer.addFilter('numItems', () => (isMirrored ? last + 1 : getImages().length));
  viewer.addFilter('itemData', (_, position) => {
    const image = getImage(position);
    return image === undefined ? {} : buildSlide(image);
  });
  viewer.on('uiRegister', () => {
    registerProblem(viewer);
    if (!document.fullscreenEnabled) return;
    viewer.ui?.registerElement({
      name: 'fullscreen',
      title: 'Full screen',
      order: 9,
      isButton: true,
      html: FULLSCREEN_ICON,
      onClick: () => void toggleFullscreen(viewer),
    });
  });
  viewer.on('change', () => {
    const image = getImage(viewer.currIndex);
    if (image === undefined) return;
    viewer.element?.setAttribute('aria-label', describePicture(image));
    onchange(image);
  });
  viewer.on('close', () => onclosing(getImage(viewer.currIndex)));
  viewer.on('destroy', () => {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    onclose();
  });
  viewer.init();
  return () => {
    // PhotoSwipe cannot be closed while it fades in.
    if (viewer.opener.isOpen) viewer.destroy();
    else viewer.on('openingAnimationEnd', () => viewer.destroy());
  };
}

async function toggleFullscreen(viewer: PhotoSwipe): Promise<void> {
  if (document.fullscreenElement !== null) await document.exitFullscreen();
  else await viewer.element?.requestFullscreen();
}

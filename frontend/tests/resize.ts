/**
 * The observers of the page's height, which tests call back. Import it before the router: test files share a process, and
 * so the one router of that process, whichever of them makes it.
 */
import { vi } from 'vitest';

let callBack: () => void = () => undefined;

vi.stubGlobal(
  'ResizeObserver',
  class {
    constructor(onresize: () => void) {
      callBack = onresize;
    }
    observe(): void {
      // Tests call back.
    }
  },
);

export function resize(): void {
  callBack();
}

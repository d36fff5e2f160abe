/**
 * The observers of the page's height, which tests call back. Import it before the router: test files share a process, and
 * so the one router of that process, whichever of them makes it.
 */
import { vi } from 'vitest';

/** Those of all observers that are still observing. */
const callbacks = new Set<() => void>();

vi.stubGlobal(
  'ResizeObserver',
  class {
    constructor(private readonly onresize: () => void) {}
    observe(): void {
      callbacks.add(this.onresize);
    }
    disconnect(): void {
      callbacks.delete(this.onresize);
    }
  },
);

export function resize(): void {
  for (const callBack of callbacks) callBack();
}

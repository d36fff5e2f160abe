/**
 * The observers of the page's height, which tests call back. Import it before the router: test files share a process, and
 * so the one router of that process, whichever of them makes it.
 */
import { vi } from 'vitest';

/** Those of all observers that are still observing. */
const callbacks = new Set<(entries: []) => void>();

/** Takes the place of the browser's observers. Other tests of the same process may have put those back. */
export function stubObservers(): void {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(private readonly onresize: (entries: []) => void) {}
      observe(): void {
        callbacks.add(this.onresize);
      }
      unobserve(): void {
        callbacks.delete(this.onresize);
      }
      disconnect(): void {
        callbacks.delete(this.onresize);
      }
    },
  );
}
stubObservers();

export function resize(): void {
  for (const callBack of callbacks) callBack([]);
}

/** Keeps a screen from going dark, and with it most devices from sleeping, while files are sent. */

/** What `WakeLock` needs of the lock that the browser gives. That lock ends by itself when the page is hidden. */
interface Lock {
  release(): Promise<void>;
}

export interface WakeLockPorts {
  /** Rejects where the browser or the device does not want that now, such as on a low battery. */
  request: () => Promise<Lock>;
  isVisible: () => boolean;
}

export class WakeLock {
  #isWanted = false;
  #lock: Promise<Lock | null> | null = null;

  constructor(private readonly ports: WakeLockPorts) {}

  /** Is told whether files are being sent, for which the lock is wanted. */
  want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#update();
  }

  /** Is told that the page is hidden, or visible again: then it needs another lock. */
  handleVisibility(): void {
    this.#update();
  }

  #update(): void {
    const isDue = this.#isWanted && this.ports.isVisible();
    if (isDue) {
      this.#lock ??= this.ports.request().catch(() => null);
      return;
    }
    // Without a lock, the files are sent all the same.
    void this.#lock?.then((lock) => lock?.release()).catch(() => undefined);
    this.#lock = null;
  }
}

/** The lock of this browser; null where it has none. */
export function createWakeLock(): WakeLock | null {
  if (!('wakeLock' in navigator)) return null;
  return new WakeLock({
    request: () => navigator.wakeLock.request('screen'),
    isVisible: () => document.visibilityState === 'visible',
  });
}

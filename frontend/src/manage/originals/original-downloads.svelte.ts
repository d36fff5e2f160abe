/** Downloads the originals of many pictures, one after the other. The fields are reactive. */
import { hasStatus, isAbort, NetworkError } from '../../api/errors';
import type { OriginalLink } from '../../api/types';
import { describeError, ToldError } from '../../app/messages';
import { t } from '../../app/texts';
import type { Target } from './targets';

export interface Wanted {
  readonly id: string;
  /** What the list calls it, as long as its file name is not known. */
  readonly name: string;
}

export interface FailedDownload extends Wanted {
  readonly reason: string;
}

interface DownloadPorts {
  getOriginal(id: string): Promise<Pick<OriginalLink, 'url' | 'name'>>;
  fetch(url: string, signal: AbortSignal): Promise<Response>;
}

export class OriginalDownloads {
  total = $state(0);
  /** How many have been saved. */
  saved = $state(0);
  /** The name of the one that comes. */
  current = $state('');
  isRunning = $state(false);
  failed = $state.raw<readonly FailedDownload[]>([]);
  /** Whether somebody has ended the last run. */
  isCancelled = $state(false);
  #abort = new AbortController();

  constructor(private readonly ports: DownloadPorts) {}

  /** How many were tried. */
  get done(): number {
    return this.saved + this.failed.length;
  }

  /** Saves the originals to the target. Never rejects. */
  async start(pictures: readonly Wanted[], target: Target): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    this.total = pictures.length;
    this.saved = 0;
    this.failed = [];
    this.isCancelled = false;
    this.isRunning = true;
    for (const [index, picture] of pictures.entries()) {
      this.current = picture.name;
      try {
        await this.#save(picture, target, signal);
        if (signal.aborted) return;
        this.saved += 1;
      } catch (error) {
        if (signal.aborted) return;
        // Nobody is signed in any more, or there is no space: it would be the same with all others.
        const isLast = hasStatus(error, 401) || isQuota(error);
        const lost = isLast ? pictures.slice(index) : [picture];
        const reason = describe(error);
        this.failed = [...this.failed, ...lost.map(({ id, name }) => ({ id, name, reason }))];
        if (isLast) break;
      }
    }
    this.isRunning = false;
  }

  /** Ends the run. What has been saved stays. */
  cancel(): void {
    this.#abort.abort();
    if (this.isRunning) this.isCancelled = true;
    this.isRunning = false;
  }

  async #save({ id }: Wanted, target: Target, signal: AbortSignal): Promise<void> {
    const { url, name } = await this.ports.getOriginal(id);
    signal.throwIfAborted();
    this.current = name;
    let response: Response;
    try {
      response = await this.ports.fetch(url, signal);
    } catch (error) {
      throw isAbort(error) ? error : new NetworkError();
    }
    if (response.status >= 500) throw new NetworkError();
    // The storage may have it no longer, or the link may have expired while the computer slept.
    if (!response.ok) throw new ToldError(t`The library did not give the file. Try again.`);
    await target.save(name, response, signal);
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

function describe(error: unknown): string {
  if (isQuota(error)) return t`There is no space left for it.`;
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return t`The browser does not let this page write into the folder.`;
  return describeError(error);
}

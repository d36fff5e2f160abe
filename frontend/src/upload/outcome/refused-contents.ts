import { createReason, isAboutContent, type Reason } from '../../app/reasons';
import type { FileErrorCode } from '../../api/types';
import type { UploadItem } from '../file/item.svelte';

/** What the library has refused for its content, so that a file of the same content is not sent again for nothing. */
export class RefusedContents {
  /** Why the library has refused each content, by SHA-256. */
  readonly #reasons = new Map<string, Reason>();

  /** Remembers the content of a file that the library has refused, and forgets one that it has taken after all. */
  note({ state }: UploadItem): void {
    if (!('content' in state) || state.content === undefined || state.content === null) return;
    const { sha256 } = state.content;
    if (state.name === 'ready' || state.name === 'duplicate') this.#reasons.delete(sha256);
    if ((state.name === 'failed' || state.name === 'rejected') && isAboutContent(state.reason))
      this.#reasons.set(sha256, state.reason);
  }

  /** Why a file of this content is not uploaded; null where nothing is known against it. */
  find(sha256: string): Reason | null {
    const reason = this.#reasons.get(sha256);
    if (reason === undefined) return null;
    const { code, values, detail } = reason;
    return createReason('refused-before', {
      code: code as FileErrorCode,
      detail: String(values[0] ?? detail),
    });
  }

  /** Forgets all of it. */
  clear(): void {
    this.#reasons.clear();
  }
}

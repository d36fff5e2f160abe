import type { SharedMetadata } from '../api/types';
import { begin, type UploadState } from './state';

/** One chosen file: what its contributor says about it, and where it has got to. The fields are reactive. */
export class UploadItem {
  /** Only `state.ts` makes states; only the stages and the queue replace them. */
  state = $state.raw<UploadState>(begin());
  /** What its contributor says about this file beyond `shared`. */
  metadata = $state.raw<SharedMetadata>({});
  /** The metadata that all files had in common when "Upload" was pressed; null before. */
  shared = $state.raw<SharedMetadata | null>(null);

  constructor(
    readonly key: number,
    readonly file: File,
  ) {}

  get name(): string {
    return this.file.name;
  }

  get size(): number {
    return this.file.size;
  }

  get isStarted(): boolean {
    return this.shared !== null;
  }

  /**
   * Applies a transition if the file is still in the state with this name. With `abort`, the state must also be the
   * one that was given this controller: work that was cancelled and started anew has another.
   */
  update<Name extends UploadState['name']>(
    name: Name,
    transition: (state: StateNamed<Name>) => UploadState,
    abort?: AbortController,
  ): void {
    const { state } = this;
    if (state.name !== name) return;
    if (abort !== undefined && !('abort' in state && state.abort === abort)) return;
    this.state = transition(state as StateNamed<Name>);
  }
}

type StateNamed<Name> = Extract<UploadState, { name: Name }>;

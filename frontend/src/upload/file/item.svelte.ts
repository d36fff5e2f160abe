import type { SharedMetadata } from '../../api/types';
import { begin, type UploadState } from './state';

/** One chosen file, with its metadata and its state in the upload queue. The fields are reactive. */
export class UploadItem {
  /** States come from the transitions in `state.ts`. Only the queue and its stages replace them. */
  state = $state.raw<UploadState>(begin());
  /** Metadata of this file alone, which the API adds to `shared` or prefers to it. */
  metadata = $state.raw<SharedMetadata>({});
  /** The metadata that all files had in common when somebody pressed "Upload"; null before. */
  shared = $state.raw<SharedMetadata | null>(null);
  /** Whether the list shows the fields of this file's own metadata. */
  isOpen = $state(false);

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
   * Applies a transition if the file is still in the state with this name. With `abort`, the state must also have
   * this controller: after a cancellation and a restart, the same work has another one.
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

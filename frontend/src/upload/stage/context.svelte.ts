/** What the stages of the upload queue share. The fields are reactive. */
import { ApiError, hasStatus, isRefusedOnTheWay, isTransient } from '../../api/errors';
import type { Image } from '../../api/types';
import { describeOutage } from '../../app/reasons';
import { computeBackoff } from './backoff';
import type { UploadItem } from '../file/item.svelte';
import type { UploadState } from '../file/state';
import type { Ports, Settings } from './ports';

/**
 * Why the queue asks the API for nothing until somebody signs in. `signed-out`: nobody is signed in, so nothing goes to
 * storage either. With the other kinds the files go on that have tickets.
 */
export interface Pause {
  kind: 'sign-in' | 'scope' | 'signed-out';
  detail: string;
}

/** The API cannot answer at present. A request is repeated at `retryAt` (server ms). */
export interface Outage {
  /** What is missing. */
  detail: string;
  retryAt: number;
}

/** What a stage does about a failed request. `refuse`: repeating it cannot help. */
export type FailureResponse = { kind: 'retry'; delay: number } | { kind: 'pause' } | { kind: 'refuse' };

const NO_ITEMS: readonly UploadItem[] = [];

export class UploadContext {
  #items = $state.raw<readonly UploadItem[]>([]);
  /** How often anything about the files has changed: one dependency instead of thousands. */
  changes = $state(0);
  /** The files of each state, in the order of the list; null when they have changed since. */
  #byState: Map<UploadState['name'], UploadItem[]> | null = null;
  pause = $state.raw<Pause | null>(null);
  outage = $state.raw<Outage | null>(null);
  /** Whether somebody has asked to send nothing until they say so. What has arrived is followed all the same. */
  isHalted = $state(false);
  /** Whose rows and tickets the files have. It stays when that person signs out. */
  owner: string | null = null;
  /** The last picture that became ready. */
  latestImage = $state.raw<Image | null>(null);

  constructor(
    readonly ports: Ports,
    readonly settings: Settings,
    /** Lets every stage start the work that is due. */
    readonly wakeStages: () => void,
  ) {}

  get items(): readonly UploadItem[] {
    return this.#items;
  }

  set items(items: readonly UploadItem[]) {
    this.#items = items;
    this.recordChange();
  }

  recordProgress(): void {
    this.changes += 1;
  }

  /** Records that a file has come into another state, or that other files are in the list. */
  recordChange(): void {
    this.#byState = null;
    this.recordProgress();
  }

  /** The files in a state, as they were when this was called. */
  list(name: UploadState['name']): readonly UploadItem[] {
    if (this.#byState === null) {
      this.#byState = new Map();
      for (const item of this.items) {
        const members = this.#byState.get(item.state.name);
        if (members === undefined) this.#byState.set(item.state.name, [item]);
        else members.push(item);
      }
    }
    return this.#byState.get(name) ?? NO_ITEMS;
  }

  now(): number {
    return this.ports.clock.now();
  }

  /** Decides about a request about many files that has failed `failures` times in a row. */
  handleFailure(error: unknown, failures: number): FailureResponse {
    if (hasStatus(error, 401) || (hasStatus(error, 403) && !isRefusedOnTheWay(error))) {
      // A request of somebody who has signed out meanwhile says nothing new.
      if (this.pause?.kind === 'signed-out') return { kind: 'pause' };
      this.pause = { kind: error.status === 401 ? 'sign-in' : 'scope', detail: error.detail };
      return { kind: 'pause' };
    }
    if (!isTransient(error)) return { kind: 'refuse' };
    const retryAfter = error instanceof ApiError ? error.retryAfter : null;
    const delay = computeBackoff(failures, this.ports.random(), { retryAfter });
    this.outage = { detail: describeOutage(error), retryAt: this.now() + delay };
    return { kind: 'retry', delay };
  }

  clearOutage(): void {
    this.outage = null;
  }
}

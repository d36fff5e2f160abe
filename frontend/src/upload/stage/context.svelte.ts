/** What the stages of the upload queue share. The fields are reactive. */
import { ApiError, hasStatus, isTransient } from '../../api/errors';
import type { Image } from '../../api/types';
import { describeError } from '../../app/messages';
import { computeBackoff } from './backoff';
import type { UploadItem } from '../file/item.svelte';
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

export class UploadContext {
  items = $state.raw<readonly UploadItem[]>([]);
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

  now(): number {
    return this.ports.clock.now();
  }

  /** Decides about a request about many files that has failed `failures` times in a row. */
  handleFailure(error: unknown, failures: number): FailureResponse {
    if (hasStatus(error, 401) || hasStatus(error, 403)) {
      // A request of somebody who has signed out meanwhile says nothing new.
      if (this.pause?.kind === 'signed-out') return { kind: 'pause' };
      this.pause = { kind: error.status === 401 ? 'sign-in' : 'scope', detail: error.detail };
      return { kind: 'pause' };
    }
    if (!isTransient(error)) return { kind: 'refuse' };
    const retryAfter = error instanceof ApiError ? error.retryAfter : null;
    const delay = computeBackoff(failures, this.ports.random(), { retryAfter });
    this.outage = { detail: describeError(error), retryAt: this.now() + delay };
    return { kind: 'retry', delay };
  }

  clearOutage(): void {
    this.outage = null;
  }
}

import { waitForConnection } from '../../app/wait-for-connection';
import { numberRequest } from './request-order';
import { listUnsent, sendInChunks, type Failure, type Remainder } from './send-in-chunks';

/** How one picture fared: `reason` is null when it is as it was to be. `isUnchanged`: it was so before. */
export interface Outcome {
  id: string;
  reason: string | null;
  isUnchanged?: boolean;
}

/**
 * One change of many pictures, on its way: progress for people, and failures one by one. It is made when somebody asks for the
 * change. The fields are reactive.
 */
export class Batch {
  readonly total: number;
  readonly request = numberRequest();
  sent = $state(0);
  failures = $state.raw<readonly Failure[]>([]);
  /** Ids of pictures that were as they were to be before. */
  unchanged = $state.raw<readonly string[]>([]);
  isRunning = $state(false);
  /** Whether no answer comes to what is sent, which is sent again until one does. */
  isAway = $state(false);
  /** Whether nothing more is sent; a request that is on its way is still waited for. */
  isStopped = $state(false);
  #abort = new AbortController();

  constructor(
    readonly ids: readonly string[],
    private readonly wait = waitForConnection,
  ) {
    this.total = ids.length;
  }

  /** The ids of the pictures that are as they were to be, once the batch has run. */
  get done(): string[] {
    const failed = new Set(this.failures.map(({ id }) => id));
    return this.ids.filter((id) => !failed.has(id));
  }

  /** Those of them that the batch itself has changed. */
  get changed(): string[] {
    const unchanged = new Set(this.unchanged);
    return this.done.filter((id) => !unchanged.has(id));
  }

  /**
   * Sends all ids. `isPatient`: also where no answer comes for long. Resolves to why it ended early, or null; `failures` has one
   * entry for each picture not changed.
   */
  async run(
    send: (ids: string[]) => Promise<Outcome[]>,
    { isPatient = false } = {},
  ): Promise<Remainder | null> {
    this.isRunning = true;
    try {
      const remainder = await sendInChunks(this.ids, {
        send,
        onanswers: (outcomes) => this.#add(outcomes),
        signal: this.#abort.signal,
        wait: (ms) => this.wait(ms, this.#abort.signal),
        onoutage: isPatient ? (isAway) => (this.isAway = isAway) : undefined,
      });
      if (remainder !== null) this.failures = [...this.failures, ...listUnsent(remainder)];
      return remainder;
    } finally {
      this.isRunning = false;
      this.isAway = false;
    }
  }

  /** Sends no further request. The one that is on its way is waited for, as the library may have carried it out. */
  stop(): void {
    this.isStopped = true;
    this.#abort.abort();
  }

  /** Takes what was found out later of pictures to which no answer came. */
  settle(outcomes: Outcome[]): void {
    const settled = new Set(outcomes.map(({ id }) => id));
    this.failures = this.failures.filter(({ id }) => !settled.has(id));
    this.#add(outcomes);
  }

  #add(outcomes: Outcome[]): void {
    this.sent += outcomes.length;
    const failed = outcomes.flatMap(({ id, reason }) => (reason === null ? [] : [{ id, reason }]));
    if (failed.length > 0) this.failures = [...this.failures, ...failed];
    const unchanged = outcomes.filter(({ isUnchanged, reason }) => isUnchanged === true && reason === null);
    if (unchanged.length > 0) this.unchanged = [...this.unchanged, ...unchanged.map(({ id }) => id)];
  }
}

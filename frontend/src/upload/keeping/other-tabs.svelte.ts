/**
 * How many photos the other tabs of this browser upload, and that they forget them. Their pages say so themselves, through a broadcast channel; the lock of
 * a page tells whether it lives.
 */
import { Timer, type Clock } from '../../app/clock';
import { LOCK_PREFIX } from './page-key';

export const CHANNEL = 'stockroom.uploads';

/** What pages say to each other. */
type Message =
  | { readonly name: 'question' }
  | {
      readonly name: 'answer';
      readonly page: string;
      /** Photos under way. */
      readonly active: number;
    }
  /** Somebody gives all photos up, in all tabs. */
  | { readonly name: 'forget'; readonly owner: string };

export interface OtherTabsPorts {
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
  locks: Pick<LockManager, 'query'>;
  clock: Clock;
}

/** Ms between two looks whether the pages live that upload: one that ends, or crashes, says nothing. */
const INTERVAL = 3000;

export class OtherTabs {
  #counts = $state.raw<ReadonlyMap<string, number>>(new Map());
  #own: Message | null = null;
  readonly #timer: Timer;
  #isWatching = false;
  /** Called when somebody gives all photos up in another tab. */
  onforget: (owner: string) => void = () => undefined;

  constructor(private readonly ports: OtherTabsPorts) {
    this.#timer = new Timer(ports.clock);
    ports.channel.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#hear(data));
  }

  /** Photos that other tabs upload, as far as is known while this page watches. */
  get active(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Tells the other tabs how many photos this page uploads. */
  tell(page: string, active: number): void {
    this.#own = { name: 'answer', page, active };
    this.ports.channel.postMessage(this.#own);
  }

  /** Follows what other tabs upload, until the returned function is called. */
  watch(): () => void {
    this.#isWatching = true;
    this.ports.channel.postMessage({ name: 'question' } satisfies Message);
    return () => {
      this.#isWatching = false;
      this.#timer.clear();
      this.#counts = new Map();
    };
  }

  /** Has the other tabs forget the photos of a person. */
  forget(owner: string): void {
    this.ports.channel.postMessage({ name: 'forget', owner } satisfies Message);
  }

  #hear(message: Message): void {
    if (message.name === 'forget') {
      this.onforget(message.owner);
      return;
    }
    if (message.name === 'question') {
      if (this.#own !== null) this.ports.channel.postMessage(this.#own);
      return;
    }
    if (!this.#isWatching) return;
    const counts = new Map(this.#counts);
    if (message.active > 0) counts.set(message.page, message.active);
    else counts.delete(message.page);
    this.#counts = counts;
    if (!this.#timer.isPending) this.#lookLater();
  }

  #lookLater(): void {
    if (this.#isWatching && this.#counts.size > 0) this.#timer.set(INTERVAL, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { held = [] } = await this.ports.locks.query();
    const living = new Set(held.map(({ name }) => name));
    this.#counts = new Map([...this.#counts].filter(([page]) => living.has(LOCK_PREFIX + page)));
    this.#lookLater();
  }
}

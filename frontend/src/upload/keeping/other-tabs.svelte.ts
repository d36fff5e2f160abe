/**
 * How many photos the other tabs of this browser upload, and that they forget them. Their pages say so themselves, through a
 * broadcast channel; one that ends, or crashes, says nothing (`PageEnds`).
 */
import type { PageEnds } from './page-ends';

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
  ends: Pick<PageEnds, 'follow' | 'listen'>;
}

export class OtherTabs {
  #counts = $state.raw<ReadonlyMap<string, number>>(new Map());
  #own: Message | null = null;
  #isWatching = false;
  /** Called when somebody gives all photos up in another tab. */
  onforget: (owner: string) => void = () => undefined;

  constructor(private readonly ports: OtherTabsPorts) {
    ports.channel.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#hear(data));
    ports.ends.listen((page) => this.#count(page, 0));
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
    // Also one that uploads nothing may leave photos behind.
    this.ports.ends.follow(message.page);
    if (this.#isWatching) this.#count(message.page, message.active);
  }

  #count(page: string, active: number): void {
    const counts = new Map(this.#counts);
    if (active > 0) counts.set(page, active);
    else counts.delete(page);
    this.#counts = counts;
  }
}

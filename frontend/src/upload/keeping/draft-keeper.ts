/**
 * Keeps the details of the next upload beyond the page's life, in localStorage: a page that ends can still write there, and
 * need not wait. Each page has an entry of its own, and gets the entry of another page with the files of that page.
 */
import type { SharedMetadata } from '../../api/types';
import { Timer, type Clock } from '../../app/clock';
import type { Draft } from '../draft/draft.svelte';

const PREFIX = 'stockroom.draft.';

/** Ms for which changes are collected. */
const DELAY = 250;

/** Ms after which files and details that nobody has come back to are forgotten. */
export const MAX_AGE = 30 * 24 * 3600 * 1000;

interface Entry {
  /** Who has typed the details; null when nobody was signed in. */
  owner: string | null;
  /** Ms since 1970. */
  saved: number;
  metadata: SharedMetadata;
  /** Whether captions in the files are to be replaced; absent where they are not. */
  replacesCaptions?: true;
  /** What was being typed into the field for tags; absent where that was nothing. */
  typedTag?: string;
}

/** The details as the record of a file has them. */
export type KeptDraft = Pick<Entry, 'saved' | 'metadata' | 'replacesCaptions' | 'typedTag'>;

export interface DraftPorts {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
  clock: Clock;
  /** This page's name among all pages of this browser. */
  page: string;
  /** Who is signed in. */
  getOwner: () => string | null;
}

export class DraftKeeper {
  readonly #timer: Timer;

  constructor(
    private readonly draft: Draft,
    private readonly ports: DraftPorts,
  ) {
    this.#timer = new Timer(ports.clock);
  }

  /** Whether nobody has typed anything. */
  get isEmpty(): boolean {
    return this.draft.isEmpty;
  }

  /** Saves the draft once nobody has typed for a moment. */
  saveSoon(): void {
    this.#timer.set(DELAY, () => this.save());
  }

  save(): void {
    this.#timer.clear();
    this.#write(this.ports.page, this.ports.getOwner());
  }

  /** Clears the draft for whoever uses this page next. Its owner gets it with the files that were moved to `page`. */
  putAway(owner: string, page: string): void {
    this.#write(page, owner);
    this.forget();
  }

  /** Clears the draft, and what this page has saved of it. */
  forget(): void {
    this.draft.clear();
    this.save();
  }

  /** Removes what all pages have saved for a person. */
  forgetOwner(owner: string): void {
    for (const page of this.listPages()) {
      if (this.#read(page)?.owner === owner) this.ports.storage.removeItem(PREFIX + page);
    }
  }

  /** The pages that have an entry. Entries that are too old are removed. */
  listPages(): string[] {
    const { storage, clock } = this.ports;
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
    const pages = keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    return pages.filter((page) => {
      const entry = this.#read(page);
      const isOld = entry === null || clock.now() - entry.saved > MAX_AGE;
      if (isOld) storage.removeItem(PREFIX + page);
      return !isOld;
    });
  }

  /**
   * Takes over the entry of a page that has ended, if it is this owner's, or was nobody's and the page was in this tab
   * (`isSameTab`). What somebody has typed meanwhile stays. Unless it is wanted, the entry is only removed. `kept`: what the
   * owner's files have of it, where the browser has lost the entry, or what was written last of it, in a crash.
   */
  takeOver(
    page: string,
    owner: string | null,
    isSameTab: boolean,
    isWanted: boolean,
    kept: KeptDraft | null = null,
  ): void {
    const entry = this.#read(page);
    const isOutdated = kept !== null && (entry === null || entry.saved < kept.saved);
    if (isWanted && isOutdated) {
      this.draft.fill(kept.metadata, kept.replacesCaptions === true, kept.typedTag);
      this.save();
    }
    if (entry === null || !(entry.owner === null ? isSameTab : entry.owner === owner)) return;
    if (isWanted && !isOutdated) {
      this.draft.fill(entry.metadata, entry.replacesCaptions === true, entry.typedTag);
      this.save();
    }
    this.ports.storage.removeItem(PREFIX + page);
  }

  #read(page: string): Entry | null {
    try {
      return JSON.parse(this.ports.storage.getItem(PREFIX + page) ?? 'null') as Entry | null;
    } catch {
      return null;
    }
  }

  /**
   * The details for the record of a file of `owner`; null where nobody has typed any. Whoever has signed in while the list of
   * the person before is put away types others.
   */
  createKept(owner: string | null): KeptDraft | null {
    return owner === this.ports.getOwner() ? this.#describe() : null;
  }

  /** The details as they are kept; null where nobody has typed any. */
  #describe(): KeptDraft | null {
    if (this.isEmpty) return null;
    const { metadata, keepsCaptions, typedTag } = this.draft;
    return {
      saved: this.ports.clock.now(),
      metadata,
      ...(keepsCaptions ? {} : { replacesCaptions: true }),
      ...(typedTag === '' ? {} : { typedTag }),
    };
  }

  #write(page: string, owner: string | null): void {
    const { storage } = this.ports;
    const kept = this.#describe();
    if (kept === null) {
      storage.removeItem(PREFIX + page);
      return;
    }
    const entry: Entry = { owner, ...kept };
    try {
      storage.setItem(PREFIX + page, JSON.stringify(entry));
    } catch {
      // No space. The fields keep their texts as long as the page lives.
    }
  }
}

import type { Client } from '../api/client';
import { api } from '../app/api';
import { findRelatedWords } from './related';

const NONE: readonly string[] = [];

/** Words that are related to the only word of a search, each a search of its own. */
export class RelatedSearches {
  #found = $state.raw({ word: '', related: NONE });

  constructor(private readonly client: Pick<Client, 'listWords'>) {}

  /** The words that are related to this one; none before they are loaded. */
  list(word: string): readonly string[] {
    return word === this.#found.word ? this.#found.related : NONE;
  }

  /** Loads what is related to a word, and forgets what was to another one. Call the answer to give up. */
  load(word: string): () => void {
    this.#found = { word, related: NONE };
    const abort = new AbortController();
    if (word !== '') {
      findRelatedWords(this.client, word, abort.signal).then(
        (related) => {
          if (!abort.signal.aborted) this.#found = { word, related };
        },
        // Nobody misses them.
        () => undefined,
      );
    }
    return () => abort.abort();
  }
}

export const relatedSearches = new RelatedSearches(api);

import type { Client } from '../api/client';
import { api } from '../app/api';
import { findRelatedQueries } from './related';

const NONE: readonly string[] = [];

/** Searches for words that are related to the last one of a query. */
export class RelatedSearches {
  #found = $state.raw({ query: '', queries: NONE });

  constructor(private readonly client: Pick<Client, 'listWords'>) {}

  /** The searches that are related to this one; none before they are loaded. */
  list(query: string): readonly string[] {
    return query === this.#found.query ? this.#found.queries : NONE;
  }

  /** Loads what is related to a query, and forgets what was to another one. Call the answer to give up. */
  load(query: string): () => void {
    this.#found = { query, queries: NONE };
    const abort = new AbortController();
    if (query !== '') {
      findRelatedQueries(this.client, query, abort.signal).then(
        (queries) => {
          if (!abort.signal.aborted) this.#found = { query, queries };
        },
        // Nobody misses them.
        () => undefined,
      );
    }
    return () => abort.abort();
  }
}

export const relatedSearches = new RelatedSearches(api);

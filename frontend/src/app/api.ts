import { Client } from '../api/client';
import type { Config } from '../api/types';
import { noteServerTime } from './clock';
import { session } from './session.svelte';

export const api = new Client({
  fetch: (input, init) => fetch(input, init),
  getToken: () => session.token,
  onServerTime: noteServerTime,
});

let config: Promise<Config> | null = null;

/** The library's limits and licences. They are fetched once; only a failed request is repeated by the next call. */
export function getConfig(): Promise<Config> {
  config ??= api.getConfig().catch((error: unknown) => {
    config = null;
    throw error;
  });
  return config;
}

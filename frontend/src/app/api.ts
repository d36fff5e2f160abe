import { Client, type ClientOptions } from '../api/client';
import { earlyAnswers, PRIVATE_KEY } from '../api/early-answers';
import type { Config } from '../api/types';
import { noteServerTime } from './clock';
import { session } from './session.svelte';

export const CLIENT_OPTIONS: ClientOptions = {
  fetch: (input, init) => earlyAnswers.take(String(input), init) ?? fetch(input, init),
  getToken: () => session.token,
  onServerTime: noteServerTime,
  isPrivate: sessionStorage.getItem(PRIVATE_KEY) !== null,
  onPrivate: () => sessionStorage.setItem(PRIVATE_KEY, 'yes'),
};

/** The API for what visitors do. */
export const api = new Client(CLIENT_OPTIONS);

let config: Promise<Config> | null = null;

/** The library's limits and licences. They are fetched once; only a failed request is repeated by the next call. */
export function getConfig(): Promise<Config> {
  config ??= api.getConfig().catch((error: unknown) => {
    config = null;
    throw error;
  });
  return config;
}

import { Client } from '../api/client';
import type { Config } from '../api/types';
import { noteServerTime } from './clock';
import { session } from './session.svelte';

export const api = new Client({
  fetch: (input, init) => fetch(input, init),
  token: () => session.token,
  onServerTime: noteServerTime,
});

let asked: Promise<Config> | null = null;

/** The library's limits, asked once; a failure is not kept. */
export function config(): Promise<Config> {
  asked ??= api.config().catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}

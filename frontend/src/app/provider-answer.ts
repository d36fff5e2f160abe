import { parseRoute, SIGN_IN_PATH } from './routes';

/** What a provider has sent the browser back with, and to which path. */
export interface ProviderAnswer {
  path: string;
  parameters: URLSearchParams;
}

/** Takes the answer of a provider out of the address, where it would be used again by a reload; null if there is none. */
export function takeAnswerFromAddress(): ProviderAnswer | null {
  const path = location.pathname;
  if (path === SIGN_IN_PATH || parseRoute(path).name !== 'signin') return null;
  const parameters = new URLSearchParams(location.search);
  if (!parameters.has('code') && !parameters.has('error')) return null;
  history.replaceState(history.state, '', SIGN_IN_PATH);
  return { path, parameters };
}

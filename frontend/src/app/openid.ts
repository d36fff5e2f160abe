import type { AuthorizationServer } from 'oauth4webapi';
import type { Provider } from '../api/types';

export type Library = typeof import('oauth4webapi');

/** The library for OAuth and OpenID Connect. It is loaded at its first use: most visitors never sign in. */
export function loadLibrary(): Promise<Library> {
  return import('oauth4webapi');
}

/** The provider's configuration, as OpenID Connect Discovery says. */
export async function discover(library: Library, provider: Provider): Promise<AuthorizationServer> {
  const issuer = new URL(provider.issuer);
  return library.processDiscoveryResponse(issuer, await library.discoveryRequest(issuer));
}

/** The provider's name, as people know it. */
export function getProviderName(provider: Provider): string {
  return new URL(provider.issuer).host;
}

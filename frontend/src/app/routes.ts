import PATHS from './paths.json';

export type Route =
  | { name: 'search' }
  | { name: 'picture'; id: string }
  | { name: 'upload' }
  | { name: 'uploads' }
  | { name: 'signin' }
  | { name: 'admin' }
  | { name: 'missing' };

export const SIGN_IN_PATH = '/signin';

/**
 * An address of this page. A browser takes what begins with two slashes or backslashes for the name of a host, and
 * passes over tabs and line breaks between them.
 */
export function keepWithinSite(address: string): string {
  return address.replace(/^[/\\\t\r\n]+/, '/');
}

/** Address of a picture's page. The library answers it with the page, and with a head that tells of the picture. */
export function buildPictureUrl(id: string): string {
  return `/p/${id}`;
}

/** Regular expressions, from which the CDN's answers follow, too: any other path has the status 404. */
const ROUTES = Object.entries(PATHS).map(([name, path]) => [name, new RegExp(`^${path}/*$`)] as const);

export function parseRoute(path: string): Route {
  for (const [name, pattern] of ROUTES) {
    const found = pattern.exec(path);
    if (found !== null) return { name, ...(name === 'picture' && { id: found[1] }) } as Route;
  }
  return { name: 'missing' };
}

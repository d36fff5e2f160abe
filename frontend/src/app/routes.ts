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

export function parseRoute(path: string): Route {
  const clean = path.replace(/\/+$/, '') || '/';
  // A contributor's pictures are a search among them.
  if (clean === '/' || /^\/by\/\d{1,9}$/.test(clean)) return { name: 'search' };
  if (clean === '/upload' || clean === '/uploads') return { name: clean.slice(1) as 'upload' | 'uploads' };
  if (clean === '/admin') return { name: 'admin' };
  // Below it, providers send people back.
  if (clean === SIGN_IN_PATH || /^\/signin\/[^/]+\/answer$/.test(clean)) return { name: 'signin' };
  // The longer one is the address of earlier versions.
  const picture = /^\/(?:p|picture)\/([0-9A-Za-z]+)$/.exec(clean);
  if (picture?.[1] !== undefined) return { name: 'picture', id: picture[1] };
  return { name: 'missing' };
}

/** The token in a sign-in link. No visitor's first load has this module: most visitors open no such link. */
/** Characters of a signature by RS256 with the shortest key that the API takes, 2048 bits, as base64url. */
const MIN_SIGNATURE_LENGTH = 342;

/** What this library's tokens are signed with. */
const ALGORITHM = 'RS256';

/** The token in a sign-in link, in the fragment of one, or alone; null when the text contains no whole one. */
export function findToken(text: string): string | null {
  const fragment = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text;
  const found = new URLSearchParams(fragment).get('token') ?? fragment;
  // What stands behind a link in a message may have been copied with it.
  const token = found.trim().replace(/[^\w-]+$/, '');
  return isWhole(token) ? token : null;
}

/**
 * A token that was copied without its end has a shorter signature. One that is signed in another way than this library's is
 * whole with any signature. Whatever it claims, the API refuses it, and its person hears that it is not from here.
 */
function isWhole(token: string): boolean {
  const [header = '', claims = '', signature = '', ...others] = token.split('.');
  if (others.length > 0 || !/^[\w-]+$/.test(signature) || decodePart(claims) === null) return false;
  const algorithm = decodePart(header)?.alg;
  if (typeof algorithm === 'string' && algorithm !== ALGORITHM) return true;
  return signature.length >= MIN_SIGNATURE_LENGTH;
}

/** The JSON object in a part of a token; null where there is none. */
function decodePart(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(atob(part.replace(/-/g, '+').replace(/_/g, '/')));
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

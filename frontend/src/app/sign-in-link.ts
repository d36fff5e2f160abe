/** The token in a sign-in link. No visitor's first load has this module: most visitors open no such link. */
import { decodeClaims } from './token';

/** Characters of a signature by RS256 with the shortest key that the API takes, 2048 bits, as base64url. */
const MIN_SIGNATURE_LENGTH = 342;

/** Characters of the shortest signature by any other method, HS256. */
const MIN_OTHER_SIGNATURE_LENGTH = 43;

/** The token in a sign-in link, in the fragment of one, or alone; null when the text contains no whole one. */
export function findToken(text: string): string | null {
  const fragment = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text;
  const token = (new URLSearchParams(fragment).get('token') ?? fragment).trim();
  return decodeClaims(token) === null || !isWhole(token) ? null : token;
}

/**
 * A token that was copied without its end has a shorter signature. One that is signed in another way than this library's is
 * whole, too: the API refuses it, and its person hears that it is not from here.
 */
function isWhole(token: string): boolean {
  const [header = '', , signature = '', ...others] = token.split('.');
  const shortest = isSignedByRsa(header) ? MIN_SIGNATURE_LENGTH : MIN_OTHER_SIGNATURE_LENGTH;
  return others.length === 0 && signature.length >= shortest;
}

function isSignedByRsa(header: string): boolean {
  try {
    const { alg } = JSON.parse(atob(header.replace(/-/g, '+').replace(/_/g, '/'))) as { alg?: unknown };
    return alg === 'RS256';
  } catch {
    return true;
  }
}

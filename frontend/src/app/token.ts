/** What a sign-in token says about itself. The page only shows it; the API is who checks it. */
export interface Claims {
  subject: string;
  name: string;
  scopes: string[];
  /** Seconds since 1970. */
  expires: number;
}

export function claimsOf(token: string): Claims | null {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { sub, name, scope, exp } = claims;
    if (typeof sub !== 'string' || typeof exp !== 'number') return null;
    return {
      subject: sub,
      name: typeof name === 'string' && name !== '' ? name : sub,
      scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
      expires: exp,
    };
  } catch {
    return null;
  }
}

/** The token in a sign-in link, in its fragment, or a bare token; null when there is none. */
export function tokenIn(text: string): string | null {
  const fragment = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text;
  const token = new URLSearchParams(fragment).get('token') ?? fragment.trim();
  return claimsOf(token) === null ? null : token;
}

/** The claims of a sign-in token. The page shows them and never trusts them: the API checks the token. */
export interface Claims {
  issuer: string;
  subject: string;
  name: string;
  scopes: string[];
  /** Seconds since 1970. */
  expires: number;
}

/** The claims of a JWT, or null when the text is not one. */
export function decodeClaims(token: string): Claims | null {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { iss, sub, name, scope, exp } = claims;
    if (typeof sub !== 'string' || typeof exp !== 'number') return null;
    return {
      issuer: typeof iss === 'string' ? iss : '',
      subject: sub,
      name: typeof name === 'string' && name !== '' ? name : sub,
      scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
      expires: exp,
    };
  } catch {
    return null;
  }
}

/** Whose uploads a token makes, the same text for all tokens of one person. */
export function getOwner({ issuer, subject }: Claims): string {
  return JSON.stringify([issuer, subject]);
}

/** Whether two tokens make the uploads of one person. */
export function isSamePerson(one: Claims | null, other: Claims | null): boolean {
  if (one === null || other === null) return false;
  return one.issuer === other.issuer && one.subject === other.subject;
}

/**
 * The wish to be signed out once the photos are finished, as long as this tab lives: a reload in the middle does not forget it.
 * It belongs to the session in which somebody had it, and ends no other one.
 */
const KEY = 'stockroom.sign-out';

/** Characters at the end of a token that tell it from others, and sign nobody in. */
const MARK = 16;

export class SignOutWish {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {}

  /** Remembers the wish of whoever is signed in with this token. */
  remember(token: string): void {
    this.storage.setItem(KEY, token.slice(-MARK));
  }

  forget(): void {
    this.storage.removeItem(KEY);
  }

  isOf(token: string | null): boolean {
    return token !== null && this.storage.getItem(KEY) === token.slice(-MARK);
  }
}

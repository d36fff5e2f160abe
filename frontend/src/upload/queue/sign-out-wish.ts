/**
 * The wish to be signed out once the photos are finished, as long as this tab lives: a reload in the middle does not forget it.
 * It belongs to the session in which somebody had it, and ends no other one.
 */
const KEY = 'stockroom.sign-out';

/** Characters at the end of a token that tell it from others, and sign nobody in. */
const MARK = 16;

export class SignOutWish {
  /** What this page has written, which the browser may have refused to store. */
  #written: string | null = null;

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {}

  /** Remembers the wish of whoever is signed in with this token. */
  remember(token: string, owner: string): void {
    this.#written = createMark(token) + owner;
    try {
      this.storage.setItem(KEY, this.#written);
    } catch {
      // No space. The wish is forgotten if the tab is loaded again.
      this.storage.removeItem(KEY);
    }
  }

  forget(): void {
    this.#written = null;
    this.storage.removeItem(KEY);
  }

  /** Whether it was had in the session of this token. */
  isOf(token: string | null): boolean {
    return token !== null && this.#read().slice(0, MARK) === createMark(token);
  }

  /** Whether this person had it, be it in another session. */
  isOfPerson(owner: string | null): boolean {
    return owner !== null && this.#read().slice(MARK) === owner;
  }

  #read(): string {
    return this.#written ?? this.storage.getItem(KEY) ?? '';
  }
}

function createMark(token: string): string {
  return token.slice(-MARK);
}

/** Names of files that lie in one folder. */

/** What some file system does not take in a name. */
const FORBIDDEN = /[\p{Cc}"*/:<>?\\|]/gu;

/** The name as all file systems take it. */
export function makeSafe(name: string): string {
  const safe = name.replace(FORBIDDEN, '_').replace(/[. ]+$/, '');
  return safe.replaceAll('_', '').replaceAll('.', '') === '' ? `picture${safe}` : safe;
}

/** The name with a number before its extension: “sea (2).jpg”; the name itself for 1. */
export function numberName(name: string, number: number): string {
  if (number === 1) return name;
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return `${stem} (${number})${extension}`;
}

/** Gives each file a name of its own. Many file systems do not tell upper from lower case. */
export class UniqueNames {
  readonly #taken = new Set<string>();

  take(wanted: string): string {
    const name = makeSafe(wanted);
    for (let number = 1; ; number++) {
      const candidate = numberName(name, number);
      const key = makeKey(candidate);
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return candidate;
    }
  }

  /** The file of this name has come to nothing. */
  free(name: string): void {
    this.#taken.delete(makeKey(name));
  }
}

function makeKey(name: string): string {
  return name.normalize().toLowerCase();
}

import type { Image, Upload } from '../../api/types';

export interface RightsPorts {
  listUploadsById(ids: string[]): Promise<Upload[]>;
}

/**
 * Who may change a picture: its owner and, with the scope `admin`, everybody. The API decides; the page offers. What the file
 * of a picture was called is its owner's to see alone.
 */
export class Rights {
  /** By owner id: whether that is the one who is signed in. */
  #answers = new Map<string, Promise<boolean>>();
  /** By picture id: what its file was called, as of which revision of the picture. Only own pictures are here. */
  readonly #fileNames = new Map<string, { readonly name: string; readonly revision: number }>();

  constructor(
    private readonly api: RightsPorts,
    private readonly scopes: readonly string[],
  ) {}

  /** The API is asked once about each contributor, as nothing in a token says under which id its owner is known. */
  mayEdit(image: Pick<Image, 'id' | 'owner_id'>): Promise<boolean> {
    if (this.scopes.includes('admin')) return Promise.resolve(true);
    if (!this.scopes.includes('upload')) return Promise.resolve(false);
    const known = this.#answers.get(image.owner_id);
    if (known !== undefined) return known;
    const asked = this.#listMine([image.id]).then((uploads) => uploads.length > 0);
    this.#answers.set(image.owner_id, asked);
    // A failed request says nothing: the next picture asks again.
    asked.catch(() => this.#answers.delete(image.owner_id));
    return asked;
  }

  /**
   * What the file of a picture was called; null for somebody else's. An old picture of whose file no name is known has its title
   * for one, so the API is asked once about each revision.
   */
  async findFileName(image: Pick<Image, 'id' | 'owner_id' | 'revision'>): Promise<string | null> {
    if (!(await this.mayEdit(image))) return null;
    const known = this.#fileNames.get(image.id);
    if (known === undefined || known.revision < image.revision) await this.#listMine([image.id]);
    return this.#fileNames.get(image.id)?.name ?? null;
  }

  async #listMine(ids: string[]): Promise<Upload[]> {
    const uploads = await this.api.listUploadsById(ids);
    for (const { id, file_name, image } of uploads)
      this.#fileNames.set(id, { name: file_name, revision: image?.revision ?? 0 });
    return uploads;
  }

  /** The ids of those owners of some pictures whose pictures may be changed. All unknown ones are asked for at once. */
  async findEditableOwners(images: readonly Pick<Image, 'id' | 'owner_id'>[]): Promise<ReadonlySet<string>> {
    const samples = new Map(images.map(({ id, owner_id }) => [owner_id, id]));
    if (this.scopes.includes('admin')) return new Set(samples.keys());
    if (!this.scopes.includes('upload')) return new Set();
    const unknown = [...samples].filter(([owner]) => !this.#answers.has(owner));
    if (unknown.length > 0) {
      const asked = this.#listMine(unknown.map(([, id]) => id));
      for (const [owner, id] of unknown) {
        const answer = asked.then((uploads) => uploads.some((upload) => upload.id === id));
        this.#answers.set(owner, answer);
        answer.catch(() => this.#answers.delete(owner));
      }
    }
    const owners = [...samples.keys()];
    const answers = await Promise.all(owners.map((owner) => this.#answers.get(owner)));
    return new Set(owners.filter((_, index) => answers[index] === true));
  }
}

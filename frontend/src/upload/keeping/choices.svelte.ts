/**
 * Notes how many files were chosen at once, before the first of them is written, until all of them are: should the browser crash
 * meanwhile, the next page says that there were more.
 */
import type { ChoiceRecord, OpenChoice } from '../file/open-choice';
import { isChosenAgain, isSame } from '../file/open-choice';
import type { UploadItem } from '../file/item.svelte';
import type { ChoiceChanges, QueueStore } from './queue-store';

/** What is written with files, and what takes it back where that fails. */
interface Writing {
  readonly changes: ChoiceChanges;
  undo(): void;
}

export class Choices {
  /** What was chosen in pages that have ended before all of it was written. */
  left = $state.raw<readonly ChoiceRecord[]>([]);
  readonly #open = new Set<OpenChoice>();
  /** What was chosen in this page. */
  #latest: readonly Pick<OpenChoice, 'total' | 'folder' | 'chosen' | 'owner'>[] = [];

  constructor(
    private readonly store: QueueStore,
    private readonly page: string,
    /** Whose uploads files are for that were chosen when nobody was signed in; null as long as nobody is. */
    private readonly getOwner: () => string | null,
  ) {}

  /** Notes a choice. `isReady` is fulfilled when this page has its lock, so that no other page takes it for one that has ended. */
  async open(choice: OpenChoice, isReady: Promise<unknown>): Promise<void> {
    const { total, folder, chosen, owner } = choice;
    choice.id = `${this.page}.${this.#latest.length}`;
    this.#latest = [...this.#latest, { total, folder, chosen, owner }];
    const again = this.left.filter((left) => isChosenAgain(left, choice));
    this.left = this.left.filter((left) => !again.includes(left));
    // Those of a folder are in the list already: so much is known should this page end at once.
    for (const { recorded, ...left } of again) {
      if (isSame(left, choice)) choice.before = Math.max(choice.before, Math.min(recorded, total - 1));
    }
    // Until now nobody has told of what left the list.
    choice.dropGone();
    if (!choice.isComplete) this.#open.add(choice);
    choice.onchange = () => void this.#update(choice);
    await isReady;
    await this.#put([...again.map(({ id }): [string, null] => [id, null]), ...this.#change(choice)]);
    const elsewhere = (await this.store.listChoices().catch(() => [])).filter(
      (left) => left.isLeft && left.page !== this.page && left.owner === owner && isChosenAgain(left, choice),
    );
    await this.#put(elsewhere.map(({ id }) => [id, null]));
  }

  /** Tells no more of what was chosen again in another tab. */
  async refresh(): Promise<void> {
    if (this.left.length === 0) return;
    const kept = new Set((await this.store.listChoices()).map(({ id }) => id));
    this.left = this.left.filter(({ id }) => kept.has(id));
  }

  /** What is to be written with files. */
  write(items: readonly UploadItem[]): Writing {
    const written = [...this.#open].map((choice) => ({ choice, items: choice.write(items) }));
    const changed = written.filter((each) => each.items.length > 0);
    return {
      changes: new Map(changed.flatMap(({ choice }) => this.#change(choice))),
      undo: () => {
        for (const { choice, items: unwritten } of changed) {
          choice.unwrite(unwritten);
          this.#open.add(choice);
          if (choice.isComplete) void this.#update(choice);
        }
      },
    };
  }

  /** Files have left the list: nobody waits until they are written. */
  drop(items: readonly UploadItem[]): void {
    for (const choice of [...this.#open]) if (choice.write(items).length > 0) void this.#update(choice);
  }

  /** What a page has left that has ended, of this owner (of nobody: in the same tab alone). */
  async find(page: string, owner: string | null, isSameTab: boolean): Promise<readonly ChoiceRecord[]> {
    return (await this.store.listChoices()).filter(
      (left) => left.page === page && (left.owner === null ? isSameTab : left.owner === owner),
    );
  }

  /** Tells of what another page has left, unless somebody has chosen it again here. */
  async takeOver(found: readonly ChoiceRecord[]): Promise<void> {
    if (found.length === 0) return;
    const isAgain = (left: ChoiceRecord): boolean =>
      this.#latest.some(
        (later) => later.owner === left.owner && later.chosen > left.chosen && isChosenAgain(left, later),
      );
    // Somebody may have chosen it twice in a row: the one of which more is known says it all.
    const isTold = (left: ChoiceRecord, index: number): boolean =>
      found.some(
        (other, place) =>
          place !== index &&
          isSame(left, other) &&
          (other.recorded > left.recorded || (other.recorded === left.recorded && place > index)),
      );
    const moved = found
      .filter((left, index) => !isAgain(left) && !isTold(left, index))
      .map((left) => ({ ...left, page: this.page, isLeft: true as const }));
    // Where it could not be written that this page tells of one, it is found again.
    const told = new Set(this.left.map(({ id }) => id));
    this.left = [...this.left, ...moved.filter(({ id }) => !told.has(id))];
    await this.#put([
      ...found.map(({ id }): [string, null] => [id, null]),
      ...moved.map((left): [string, ChoiceRecord] => [left.id, left]),
    ]);
  }

  /** Leaves to another page again what was taken over from it, unless nothing is noted of it any more. */
  async giveBack(found: readonly ChoiceRecord[]): Promise<void> {
    const ids = new Set(found.map(({ id }) => id));
    this.left = this.left.filter(({ id }) => !ids.has(id));
    const noted = new Set((await this.store.listChoices()).map(({ id }) => id));
    await this.#put(found.filter(({ id }) => noted.has(id)).map((left) => [left.id, left]));
  }

  /** Tells no more of one that was left, or of all of them. */
  async dismiss(dismissed: readonly ChoiceRecord[] = this.left): Promise<void> {
    this.left = this.left.filter((left) => !dismissed.includes(left));
    await this.#put(dismissed.map(({ id }) => [id, null]));
  }

  /** Deletes what all pages have noted for a person. */
  async forgetOwner(owner: string): Promise<void> {
    this.left = this.left.filter((left) => left.owner !== owner);
    const found = (await this.store.listChoices()).filter((choice) => choice.owner === owner);
    await this.#put(found.map(({ id }) => [id, null]));
  }

  #update(choice: OpenChoice): Promise<void> {
    return this.#open.has(choice) ? this.#put(this.#change(choice)) : Promise.resolve();
  }

  /** The record of a choice as it is now: none, once all of it is known. */
  #change(choice: OpenChoice): [string, ChoiceRecord | null][] {
    const { id, total, recorded, folder, chosen } = choice;
    if (!choice.isComplete) {
      const owner = choice.owner ?? this.getOwner();
      return [[id, { id, page: this.page, owner, total, recorded, folder, chosen }]];
    }
    this.#open.delete(choice);
    return [[id, null]];
  }

  async #put(changes: readonly [string, ChoiceRecord | null][]): Promise<void> {
    // Where there is no space, the files themselves say what there is.
    if (changes.length > 0) await this.store.putRecords([], new Map(changes)).catch(() => undefined);
  }
}

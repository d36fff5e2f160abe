/**
 * Adding chosen files to the list, in parts. The files are those of whoever has chosen them: a sign-out waits until all of them
 * are in the list that is put away, and what has been read only after it is in nobody's list.
 */
import { untrack } from 'svelte';
import { announcer } from '../../app/announcer.svelte';
import { pluralize } from '../../app/format';
import { Throttled } from '../../app/throttled.svelte';
import { waitForPaint, yieldToBrowser } from '../../app/yield';
import { countOpen, describeAdded, type Choice } from '../file/choice';
import type { UploadItem } from '../file/item.svelte';
import { OpenChoice } from '../file/open-choice';
import type { ChosenFile } from '../selection/unopened-file';
import type { UploadQueue } from './queue.svelte';

/** Files that are added at once: thousands at once would freeze the page. */
const CHUNK = 100;

/** Of many files, those that fill the screen are added a few at a time: making a row takes longer than adding its file. */
const SCREEN = 18;
const ROWS = 3;

/** Ms in which the files of most choices are looked at: nothing is announced before the outcome. */
const PATIENCE = 3000;

/** Ms between two looks at whether all files of a choice are looked at. */
const INTERVAL = 100;

interface AdditionPorts {
  queue: Pick<
    UploadQueue,
    | 'add'
    | 'owner'
    | 'pairListed'
    | 'noteChoice'
    | 'found'
    | 'returns'
    | 'latestChoice'
    | 'contentsUnderWay'
    | 'summarise'
  >;
  /** Who is signed in. */
  getOwner(): string | null;
  /** What nobody else uploads. */
  leaveToOtherTabs(files: readonly ChosenFile[], owner: string | null): Promise<readonly ChosenFile[]>;
  /** Fulfilled once the list is that of whoever is signed in now. Never rejects. */
  waitForOwnList(): Promise<unknown>;
  /** Is called at once when files were chosen, before any of them is in the list. */
  onchosen(choice: OpenChoice): void;
  /** Is called when files are in the list. */
  onadded(): void;
}

export class Additions {
  /** How many chosen files are not in the list yet. */
  coming = $state(0);
  /** How many files were not added, as whoever has chosen them was signed out when they had been read; 0 with the next choice. */
  refused = $state(0);
  /** How often what was still to be added was given up. */
  #forgotten = 0;
  #latest: Promise<void> = Promise.resolve();
  /** Choices before the last one, of whose outcome nothing has been announced yet. */
  #earlier: Choice[] = [];
  /** Null once the outcome of the last choice has been announced. */
  #stopWatching: (() => void) | null = null;

  constructor(private readonly ports: AdditionPorts) {}

  /** Fulfilled once all files that were chosen so far are in the list. Never rejects. */
  get done(): Promise<void> {
    return this.#latest;
  }

  /** Adds files to the list of `owner`, who has chosen them, and announces what becomes of them once that is known. */
  add(chosen: readonly ChosenFile[], owner = this.ports.getOwner()): Promise<void> {
    this.refused = 0;
    if (owner !== null && owner !== this.ports.getOwner()) {
      this.#refuse(chosen.length);
      return Promise.resolve();
    }
    this.coming += chosen.length;
    const choice = new OpenChoice(chosen, owner, Date.now());
    if (chosen.length > 0) this.ports.onchosen(choice);
    // Both are looked at now: a list that is put away from here on waits for these files.
    const before = Promise.all([this.#latest, this.ports.waitForOwnList()]);
    const forgotten = this.#forgotten;
    this.#latest = before
      .then(() => this.#add(chosen, choice, () => forgotten !== this.#forgotten))
      .catch(() => undefined);
    return this.#latest;
  }

  #refuse(count: number): void {
    this.refused = count;
    announcer.announce(describeRefused(count));
  }

  /** Gives up what is still to be added. */
  forget(): void {
    this.#forgotten += 1;
    this.coming = 0;
  }

  async #add(chosen: readonly ChosenFile[], choice: OpenChoice, isForgotten: () => boolean): Promise<void> {
    const { queue, leaveToOtherTabs, onadded } = this.ports;
    const files = await leaveToOtherTabs(chosen, choice.owner);
    if (isForgotten()) {
      choice.end();
      return;
    }
    // While the list of the person before was put away, whoever has chosen these may have signed out.
    if (choice.owner !== null && ![queue.owner, this.ports.getOwner()].includes(choice.owner)) {
      this.coming -= chosen.length;
      choice.end();
      // Somebody may have chosen more than once.
      this.#refuse(this.refused + chosen.length);
      return;
    }
    const elsewhere = chosen.length - files.length;
    this.coming -= elsewhere;
    choice.settle(elsewhere, []);
    let { returns } = queue;
    let pairs = queue.pairListed(files);
    const added: UploadItem[] = [];
    let found = 0;
    const areMany = files.length > CHUNK;
    for (let start = 0; start < files.length;) {
      if (areMany) await (start < SCREEN ? waitForPaint() : yieldToBrowser());
      if (isForgotten()) {
        choice.end();
        return;
      }
      const part = files.slice(start, start + (areMany && start < SCREEN ? ROWS : CHUNK));
      // Files of an earlier page may have come back meanwhile.
      if (queue.returns !== returns) pairs = queue.pairListed(files);
      ({ returns } = queue);
      const before = queue.found;
      const fresh = queue.add(part, pairs);
      found += queue.found - before;
      added.push(...fresh);
      choice.settle(part.length, fresh);
      this.coming -= part.length;
      start += part.length;
    }
    this.#earlier = this.#untold;
    queue.noteChoice({ total: chosen.length, found, elsewhere, added });
    onadded();
    if (chosen.length === 0) announcer.announce('No files were found in there.');
    else this.#announceOutcome();
  }

  get #untold(): Choice[] {
    const { latestChoice } = this.ports.queue;
    return this.#stopWatching === null || latestChoice === null ? [] : [...this.#earlier, latestChoice];
  }

  /**
   * Announces what has become of the files of the last choice, together with earlier choices whose files are still being looked
   * at. Nothing is said of them once somebody uploads, cancels or removes files meanwhile: what comes of that is announced.
   */
  #announceOutcome(): void {
    if (this.#stopWatching !== null) return;
    const { queue } = this.ports;
    const looks = new Throttled(() => queue.summarise(() => ({})), INTERVAL);
    const stopEffect = $effect.root(() => {
      $effect(() => {
        void looks.value;
        void queue.latestChoice;
        untrack(() => this.#tellOutcome());
      });
    });
    const timer = setTimeout(() => this.#tellInterim(), PATIENCE);
    this.#stopWatching = () => {
      looks.stop();
      stopEffect();
      clearTimeout(timer);
    };
  }

  #tellOutcome(): void {
    if (this.#countOpen() > 0) return;
    if (this.#untold.length > 0) announcer.announce(this.#describeUntold());
    this.#earlier = [];
    this.#stopWatching?.();
    this.#stopWatching = null;
  }

  /** Whoever cannot see the list hears that something goes on, or for what it waits. */
  #tellInterim(): void {
    const isUnanswered = this.#untold.some(({ added }) => added.some((item) => item.isUnanswered));
    announcer.announce(
      isUnanswered
        ? this.#describeUntold()
        : pluralize(this.#countOpen(), 'Looking at # file …', 'Looking at # files …'),
    );
  }

  #countOpen(): number {
    return this.#untold.reduce((sum, choice) => sum + countOpen(choice), 0);
  }

  #describeUntold(): string {
    const { contentsUnderWay } = this.ports.queue;
    return this.#untold
      .map((choice) => describeAdded(choice, contentsUnderWay))
      .filter((said) => said !== '')
      .join(' ');
  }
}

/** Says of how many files that they are not in the list. */
export function describeRefused(count: number): string {
  return pluralize(
    count,
    '# photo had not been read when whoever chose it signed out, and is not in the list.',
    '# photos had not been read when whoever chose them signed out, and are not in the list.',
  );
}

import type { Image, ImageChanges } from '../../api/types';
import { buildChanges, listChangedFields } from '../fields/changes';
import { FIELD_NAMES, isSameValue, readFields, type FieldName, type FieldValues } from '../fields/fields';

/**
 * The fields of one picture while somebody edits them. What somebody else has saved meanwhile is taken over (`rebase`)
 * without losing what was typed: a field that both have changed is a conflict, until a person chooses.
 */
export class EditDraft {
  values = $state<FieldValues>({} as FieldValues);
  /** The picture as the API knows it, to which the changes are relative. */
  base = $state.raw<Image>() as Image;
  /** The fields that somebody else has changed since the form was opened or saved. */
  changedMeanwhile = $state.raw<readonly FieldName[]>([]);
  /** Fields that both have changed, to different values, and that nobody has decided about. */
  conflicts = $state.raw<readonly FieldName[]>([]);
  /** What the API says about single fields. */
  errors = $state.raw<Partial<Record<FieldName, string>>>({});

  readonly #saved = $derived(readFields(this.base));
  changed = $derived(listChangedFields(this.#saved, this.values));
  isChanged = $derived(this.changed.length > 0);

  constructor(image: Image) {
    this.base = image;
    this.values = readFields(image);
  }

  /** What the API has of the fields, as the form would show it. */
  get saved(): FieldValues {
    return this.#saved;
  }

  get changes(): ImageChanges {
    return buildChanges(this.values, this.changed);
  }

  /** Goes on from the picture as somebody else has saved it. */
  rebase(image: Image): void {
    const before = this.#saved;
    const theirs = readFields(image);
    const changedByThem = FIELD_NAMES.filter((name) => !isSameValue(before, theirs, name));
    const changedByMe = this.changed;
    this.base = image;
    for (const name of changedByThem) {
      if (!changedByMe.includes(name)) this.#take(theirs, name);
    }
    this.changedMeanwhile = FIELD_NAMES.filter(
      (name) => changedByThem.includes(name) || this.changedMeanwhile.includes(name),
    );
    this.conflicts = FIELD_NAMES.filter(
      (name) =>
        (this.conflicts.includes(name) || (changedByThem.includes(name) && changedByMe.includes(name))) &&
        !isSameValue(this.values, theirs, name),
    );
  }

  /** Decides a conflict: what was typed stays and will be saved. */
  keepMine(name: FieldName): void {
    this.conflicts = this.conflicts.filter((other) => other !== name);
  }

  /** Decides a conflict: what somebody else has saved replaces what was typed. */
  takeTheirs(name: FieldName): void {
    this.#take(this.#saved, name);
    this.keepMine(name);
  }

  #take(values: FieldValues, name: FieldName): void {
    if (name === 'tags') this.values.tags = values.tags;
    else this.values[name] = values[name];
  }
}

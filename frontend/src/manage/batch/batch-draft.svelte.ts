import type { EditContent, ImageChanges } from '../../api/types';
import { normalizeTags } from '../../upload/draft/tags';
import { buildChanges } from '../fields/changes';
import { FIELD_NAMES, FIELDS, type FieldValues, type TextFieldName } from '../fields/fields';

/** What is done to a field of all selected pictures. */
export type Action = 'leave' | 'set' | 'clear';

/** The fields that several pictures can have in common. Each picture keeps its own title. */
export const BATCH_FIELDS = FIELD_NAMES.filter(
  (name): name is TextFieldName => name !== 'tags' && name !== 'name',
);

const EMPTY = Object.fromEntries(FIELD_NAMES.map((name) => [name, name === 'tags' ? [] : '']));

/** A change of many pictures while somebody puts it together. The fields are reactive. */
export class BatchDraft {
  actions = $state(
    Object.fromEntries(BATCH_FIELDS.map((name) => [name, 'leave'])) as Record<TextFieldName, Action>,
  );
  values = $state({ ...EMPTY } as unknown as FieldValues);
  addTags = $state<string[]>([]);
  removeTags = $state<string[]>([]);

  /** A field that is to be set, and has no text yet. */
  readonly incomplete = $derived(
    BATCH_FIELDS.filter((name) => this.actions[name] === 'set' && this.values[name].trim() === ''),
  );
  readonly isChanged = $derived(
    this.addTags.length + this.removeTags.length > 0 ||
      BATCH_FIELDS.some((name) => this.actions[name] !== 'leave'),
  );

  get set(): ImageChanges {
    const names = BATCH_FIELDS.filter(
      (name) => this.actions[name] !== 'leave' && !this.incomplete.includes(name),
    );
    const values = { ...EMPTY, ...this.values } as FieldValues;
    for (const name of names) if (this.actions[name] === 'clear') values[name] = '';
    return buildChanges(values, names);
  }

  /** The edit of each picture, without the fields that have no text yet. */
  get content(): EditContent {
    const { set } = this;
    const added = normalizeTags(this.addTags);
    const removed = normalizeTags(this.removeTags);
    return {
      ...(Object.keys(set).length === 0 ? {} : { set }),
      ...(added.length === 0 ? {} : { add_tags: added }),
      ...(removed.length === 0 ? {} : { remove_tags: removed }),
    };
  }
}

/** The words for what can be done to a field. */
export function listActions(name: TextFieldName): (readonly [Action, string])[] {
  const actions: (readonly [Action, string])[] = [
    ['leave', 'Leave as it is'],
    ['set', 'Set to …'],
  ];
  return FIELDS[name].canBeEmpty ? [...actions, ['clear', 'Clear']] : actions;
}

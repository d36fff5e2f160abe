/** Edits that are not saved, in words. */
import { formatCount } from '../../app/format';
import { t } from '../../app/texts';
import type { PendingEdit } from '../../upload/keeping/pending-records';
import { readChanges } from '../fields/changes';
import { FIELD_NAMES, FIELDS } from '../fields/fields';
import { formatValue } from '../fields/format-value';

export interface EditDescription {
  /** Of which pictures. */
  readonly what: string;
  readonly changes: readonly { readonly label: string; readonly value: string }[];
}

/** The names of the pictures of an edit, by id. */
export function listPictures(edit: PendingEdit): ReadonlyMap<string, string> {
  return 'image' in edit ? new Map([[edit.image.id, edit.image.name]]) : edit.pictures;
}

export function describeEdit(edit: PendingEdit): EditDescription {
  const pictures = listPictures(edit);
  const [name] = pictures.values();
  const what = pictures.size === 1 && name ? name : formatCount(pictures.size, 'picture');
  const content = 'image' in edit ? { set: edit.set } : edit.edit;
  const values = readChanges(content.set ?? {});
  const changes = FIELD_NAMES.flatMap((field) => {
    const value = values[field];
    if (value === undefined) return [];
    return [{ label: FIELDS[field].label as string, value: formatValue(field, value) || t`nothing` }];
  });
  const { add_tags: added, remove_tags: removed } = 'image' in edit ? {} : edit.edit;
  if (added) changes.push({ label: t`Add tags`, value: formatValue('tags', added) });
  if (removed) changes.push({ label: t`Remove tags`, value: formatValue('tags', removed) });
  return { what, changes };
}

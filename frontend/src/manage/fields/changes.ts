/** What a form sends to the API: only the fields that were changed. */
import type { ImageChanges } from '../../api/types';
import { normalizeTags } from '../../upload/draft/tags';
import { FIELD_NAMES, isSameValue, type FieldName, type FieldValues } from './fields';
import { formatMoment, parseMoment } from './moment';

export function listChangedFields(before: FieldValues, after: FieldValues): FieldName[] {
  return FIELD_NAMES.filter((name) => !isSameValue(before, after, name));
}

/** The values of these fields as the API takes them. An empty one clears the field. */
export function buildChanges(values: FieldValues, names: readonly FieldName[]): ImageChanges {
  return Object.fromEntries(names.map((name) => [name, buildValue(values, name)]));
}

function buildValue(values: FieldValues, name: FieldName): string | string[] | null {
  if (name === 'tags') return normalizeTags(values.tags);
  if (name === 'embargo' || name === 'expires') return parseMoment(values[name]);
  return values[name].trim();
}

/** What a form has of these changes: the inverse of `buildChanges`. */
export function readChanges(changes: ImageChanges): Partial<FieldValues> {
  const names = FIELD_NAMES.filter((name) => changes[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, readValue(changes, name)]));
}

function readValue(changes: ImageChanges, name: FieldName): string | string[] {
  if (name === 'tags') return [...(changes.tags ?? [])];
  if (name === 'embargo' || name === 'expires') return formatMoment(changes[name] ?? null);
  return changes[name] ?? '';
}

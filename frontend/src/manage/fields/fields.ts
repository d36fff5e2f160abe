/** The fields of a published picture that its owner edits, in the order in which forms show them. */
import type { Image } from '../../api/types';
import { language } from '../../app/texts';
import { extractHashtags, normalizeTag } from '../../upload/draft/tags';
import { formatMoment } from './moment';

export type FieldKind = 'line' | 'text' | 'license' | 'address' | 'moment' | 'tags';

interface FieldSpec {
  readonly label: string;
  readonly kind: FieldKind;
  readonly maxLength?: number;
  readonly hint?: string;
  /** Whether a picture can be without it. */
  readonly canBeEmpty: boolean;
}

export const FIELDS = {
  name: { label: 'Title', kind: 'line', maxLength: 255, canBeEmpty: false },
  description: { label: 'Description', kind: 'text', maxLength: 2000, canBeEmpty: true },
  tags: { label: 'Tags', kind: 'tags', canBeEmpty: true },
  license: { label: 'Licence', kind: 'license', canBeEmpty: false },
  license_url: {
    label: 'Address of the licence',
    kind: 'address',
    maxLength: 500,
    hint: 'Where its terms can be read, if they are not those of the licence above.',
    canBeEmpty: true,
  },
  credit: { label: 'Credit', kind: 'line', maxLength: 200, hint: 'Who is to be named.', canBeEmpty: true },
  creator: {
    label: 'Creator',
    kind: 'line',
    maxLength: 200,
    hint: 'Who made the picture.',
    canBeEmpty: true,
  },
  copyright: { label: 'Copyright', kind: 'line', maxLength: 500, canBeEmpty: true },
  usage_terms: { label: 'Usage terms', kind: 'text', maxLength: 2000, canBeEmpty: true },
  place: { label: 'Place', kind: 'line', maxLength: 500, canBeEmpty: true },
  embargo: {
    label: 'Hidden until',
    kind: 'moment',
    hint: 'Nobody else sees the picture before, in your time zone.',
    canBeEmpty: true,
  },
  expires: {
    label: 'Hidden from',
    kind: 'moment',
    hint: 'Nobody else sees the picture from then on, in your time zone.',
    canBeEmpty: true,
  },
} as const satisfies Record<string, FieldSpec>;

export type FieldName = keyof typeof FIELDS;
export type TextFieldName = Exclude<FieldName, 'tags'>;

export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

export function getField(name: FieldName): FieldSpec {
  return FIELDS[name];
}

/** The texts of all fields as they stand in a form. A moment is in the form's local time. */
export type FieldValues = { [Name in TextFieldName]: string } & { tags: string[] };

/** A picture's fields for a form. Tags that come from the description are left to the description. */
export function readFields(image: Image): FieldValues {
  const hashtags = extractHashtags(image.description);
  return {
    name: image.name,
    description: image.description,
    tags: image.tags.filter((tag) => !hashtags.includes(normalizeTag(tag))),
    license: image.license,
    license_url: image.license_url,
    credit: image.credit,
    creator: image.creator,
    copyright: image.copyright,
    usage_terms: image.usage_terms,
    place: image.place,
    embargo: formatMoment(image.embargo),
    expires: formatMoment(image.expires),
  };
}

export function isSameValue(a: FieldValues, b: FieldValues, name: FieldName): boolean {
  if (name === 'tags') return JSON.stringify([...a.tags].sort()) === JSON.stringify([...b.tags].sort());
  return a[name].trim() === b[name].trim();
}

/** The names of the fields, for a sentence: “title, tags and licence”. */
export function listLabels(names: readonly FieldName[]): string {
  const labels = names.map((name) =>
    language === 'en' ? FIELDS[name].label.toLowerCase() : FIELDS[name].label,
  );
  if (labels.length < 2) return labels.join('');
  return `${labels.slice(0, -1).join(', ')} and ${labels.at(-1) ?? ''}`;
}

/** The field that a JSON pointer of the API names; null for another place. */
export function findField(pointer: string): FieldName | null {
  const parts = pointer.split('/').filter(Boolean);
  if (parts[0] === 'set') parts.shift();
  const [name] = parts;
  if (name === 'add_tags' || name === 'remove_tags') return 'tags';
  return FIELD_NAMES.find((field) => field === name) ?? null;
}

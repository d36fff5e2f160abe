/** Entries of the change log in words. */
import type { LogEntry } from '../../api/types';
import { t } from '../../app/texts';

export const ACTION_LABELS: Readonly<Record<LogEntry['action'], string>> = {
  publish: 'Published',
  edit: 'Edited',
  delete: 'Deleted',
  restore: 'Restored',
  hide: 'Hidden',
  show: 'Shown again',
  'take-down': 'Taken down',
  lift: 'Accepted again',
  purge: 'Gone for good',
};

const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: t`name`,
  description: t`description`,
  tags: t`tags`,
  license: t`license`,
  license_url: t`license url`,
  credit: t`credit`,
  creator: t`creator`,
  copyright: t`copyright`,
  usage_terms: t`usage terms`,
  place: t`place`,
  embargo: t`embargo`,
  expires: t`expires`,
};

/** What a field was, and what it has become. */
export interface FieldChange {
  field: string;
  before: string;
  after: string;
}

export function listChanges({ action, detail }: LogEntry): FieldChange[] {
  if (action !== 'edit') return [];
  const { before, after } = detail as { before?: Record<string, unknown>; after?: Record<string, unknown> };
  return Object.keys(after ?? {}).map((field) => ({
    field: FIELD_NAMES[field] ?? field.replaceAll('_', ' '),
    before: write(before?.[field]),
    after: write(after?.[field]),
  }));
}

/** Why a content was taken down; empty for other entries. */
export function getReason({ detail }: LogEntry): string {
  const { reason } = detail as { reason?: unknown };
  return typeof reason === 'string' ? reason : '';
}

function write(value: unknown): string {
  if (value === null || value === undefined || value === '') return t`nothing`;
  return Array.isArray(value) ? value.join(', ') || t`nothing` : String(value);
}

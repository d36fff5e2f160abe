/** What of my pictures is shown, and how: the query of the page's address. */
import type { UploadFilter } from '../../api/types';

export const VIEWS = ['list', 'grid', 'captions', 'duplicates'] as const;
export type View = (typeof VIEWS)[number];

/** By value of the parameter `show`: its label and what the API is asked for. */
export const FILTERS = {
  all: { label: 'All', filter: {} },
  ready: { label: 'Ready', filter: { state: 'ready' } },
  pending: { label: 'Under way', filter: { state: 'pending' } },
  failed: { label: 'Failed', filter: { state: 'failed' } },
  hidden: { label: 'Hidden', filter: { state: 'hidden' } },
  expiring: { label: 'Expiring soon', filter: { expiring: 1 } },
} as const satisfies Record<string, { label: string; filter: UploadFilter }>;
export type FilterName = keyof typeof FILTERS;

export interface Shown {
  view: View;
  filter: FilterName;
}

export function parseShown(queryString: string): Shown {
  const parameters = new URLSearchParams(queryString);
  const view = VIEWS.find((name) => name === parameters.get('view')) ?? 'list';
  const filter = parameters.get('show') ?? '';
  return { view, filter: Object.hasOwn(FILTERS, filter) ? (filter as FilterName) : 'all' };
}

export function buildShownUrl({ view, filter }: Shown): string {
  const parameters = new URLSearchParams();
  if (view !== 'list') parameters.set('view', view);
  if (filter !== 'all') parameters.set('show', filter);
  const query = parameters.toString();
  return `/uploads${query === '' ? '' : `?${query}`}`;
}

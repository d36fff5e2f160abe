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
  /** What titles or names of files must contain; empty for all uploads. Those that expire soon are asked for without it. */
  name: string;
  /** Whether the list begins with the oldest upload. Those that expire soon have an order of their own. */
  isOldestFirst: boolean;
}

/** The longest name that the API looks for. */
export const MAX_NAME = 255;

/** Where the view is that was chosen last, in localStorage. */
const VIEW_KEY = 'stockroom.my-pictures';

/** The view of an address that names none: list or grid, as chosen last. */
export function readUsualView(storage: Pick<Storage, 'getItem'>): View {
  return storage.getItem(VIEW_KEY) === 'grid' ? 'grid' : 'list';
}

/** Keeps the view that an address names. Captions and duplicates are work to be done, and no way to look at pictures. */
export function keepUsualView(queryString: string, storage: Pick<Storage, 'setItem'>): void {
  const view = new URLSearchParams(queryString).get('view');
  if (view === 'list' || view === 'grid') storage.setItem(VIEW_KEY, view);
}

export function parseShown(queryString: string, usual: View = 'list'): Shown {
  const parameters = new URLSearchParams(queryString);
  const view = VIEWS.find((name) => name === parameters.get('view')) ?? usual;
  const filter = parameters.get('show') ?? '';
  return {
    view,
    filter: Object.hasOwn(FILTERS, filter) ? (filter as FilterName) : 'all',
    name: filter === 'expiring' ? '' : (parameters.get('name') ?? '').trim().slice(0, MAX_NAME),
    isOldestFirst: filter !== 'expiring' && parameters.get('order') === 'oldest',
  };
}

export function buildShownUrl({ view, filter, name, isOldestFirst }: Shown): string {
  const parameters = new URLSearchParams({ view });
  if (filter !== 'all') parameters.set('show', filter);
  if (name !== '' && filter !== 'expiring') parameters.set('name', name);
  if (isOldestFirst && filter !== 'expiring') parameters.set('order', 'oldest');
  return `/uploads?${parameters.toString()}`;
}

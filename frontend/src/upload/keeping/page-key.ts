/** Where this tab remembers the name of its page, so that the next page in this tab takes its files over. */
export const PAGE_KEY = 'stockroom.page';

/** What the lock that each page holds while it lives is called, before the page's name. */
export const LOCK_PREFIX = 'stockroom.uploads.';

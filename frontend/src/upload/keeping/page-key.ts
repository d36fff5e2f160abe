/** Where this tab remembers the name of its page, so that the next page in this tab takes its files over. */
export const PAGE_KEY = 'stockroom.page';

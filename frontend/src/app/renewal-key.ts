/** Where a tab keeps what renews its session. */
export const RENEWAL_KEY = 'stockroom.renewal';

/** The database of this browser in which the queues are kept. */
export const DATABASE = 'stockroom';

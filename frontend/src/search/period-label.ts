import { formatDate } from '../app/format';
import { locale } from '../app/texts';

/** “2016”, “May 2016”, “May 20, 2016”. A text in another form stays as it is. */
export function formatPeriod(period: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(period)) return formatDate(period);
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(period)) return period;
  return new Date(`${period}-15`).toLocaleDateString(locale, { month: 'long', year: 'numeric' });
}

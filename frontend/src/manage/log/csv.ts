/** The change log as a table for other programs. */
import type { LogEntry } from '../../api/types';

const COLUMNS = ['at', 'action', 'image', 'actor', 'actor_id', 'detail', 'id'] as const;

/** CSV as RFC 4180 has it, in UTF-8, with a head. */
export function buildCsv(entries: readonly LogEntry[]): string {
  const rows = entries.map((entry) =>
    COLUMNS.map((column) => {
      const value = entry[column];
      return quote(typeof value === 'object' ? (value === null ? '' : JSON.stringify(value)) : value);
    }).join(','),
  );
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

/** A spreadsheet would compute a text that begins like a formula; names are chosen by contributors. */
function quote(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
}

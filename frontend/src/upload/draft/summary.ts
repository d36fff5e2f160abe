import type { SharedMetadata } from '../../api/types';
import { formatLicense } from '../../app/licenses';

/** What is set, in one line: “#wedding, CC BY 4.0”; empty when nothing is. */
export function summariseDraft({ description, tags, license, credit }: SharedMetadata): string {
  return [
    description && `“${description}”`,
    tags?.map((tag) => `#${tag}`).join(' '),
    license && formatLicense(license),
    credit,
  ]
    .filter(Boolean)
    .join(', ');
}

import type { Image } from '../api/types';
import { getLicenseUrl } from '../app/license-links';
import { formatLicense } from '../app/licenses';
import { nameAuthor } from './author';
import { headPicture } from './title';
import { escapeHtml } from './escape-html';

export type CreditFormat = 'text' | 'HTML' | 'Markdown';

interface Link {
  text: string;
  /** Null where there is nothing to link to. */
  url: string | null;
}

type Credited = Pick<Image, 'name' | 'description' | 'credit' | 'creator' | 'owner' | 'license'>;

/**
 * What to write beside a picture: its title, who has made it, and its licence. `pageUrl` is where the picture is. Licences
 * ask for a link to their text, so that a plain text has its address, too.
 */
export function buildCreditLine(image: Credited, pageUrl: string, format: CreditFormat): string {
  const title = { text: headPicture(image), url: pageUrl };
  const author = nameAuthor(image);
  const license = {
    text: formatLicense(image.license),
    url: getLicenseUrl(image.license),
  };
  const by = author === '' ? '' : ` by ${FORMATS[format].writeText(author)}`;
  const { writeLink } = FORMATS[format];
  const line = `${format === 'text' ? `“${title.text}”` : writeLink(title)}${by}, ${writeLink(license)}`;
  return format === 'text' ? `${line}, ${pageUrl}` : line;
}

interface Writer {
  writeText: (text: string) => string;
  writeLink: (link: Link) => string;
}

const FORMATS: Record<CreditFormat, Writer> = {
  text: {
    writeText: (text) => text,
    writeLink: ({ text, url }) => (url === null ? text : `${text} (${url})`),
  },
  HTML: {
    writeText: escapeHtml,
    writeLink: ({ text, url }) =>
      url === null ? escapeHtml(text) : `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`,
  },
  Markdown: {
    writeText: escapeMarkdown,
    writeLink: ({ text, url }) =>
      url === null
        ? escapeMarkdown(text)
        : `[${escapeMarkdown(text)}](${url.replace(/[()\s]/g, encodeURIComponent)})`,
  },
};

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&').replace(/\s+/g, ' ');
}

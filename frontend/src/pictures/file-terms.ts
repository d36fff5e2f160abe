/** What a picture's file says of its use, where that is not the licence under which the contributor has published it. */
import type { Image } from '../api/types';
import { formatLicense } from '../app/licenses';

/** Characters of the file's words in a sentence; the list of details has all of them. */
const MAX_QUOTE = 200;

const RESERVED =
  /all rights reserved|alle rechte vorbehalten|tous droits r[ée]serv[ée]s|todos los derechos reservados|tutti i diritti riservati/i;

/** How the names of licences by Creative Commons go on, by the parts of their identifiers. */
const PARTS: Readonly<Record<string, string>> = {
  BY: 'attribution',
  SA: 'sharealike',
  NC: 'noncommercial',
  ND: 'noderivatives',
};

type Licensed = Pick<Image, 'license' | 'filled' | 'usage_terms' | 'copyright' | 'owner'>;

/** A sentence with what the file says, and which licence counts; empty where the file does not say otherwise. */
export function describeFileTerms(image: Licensed): string {
  const words = quoteFile(image);
  if (words === '') return '';
  const stop = /[.!?…]$/.test(words) ? '' : '.';
  const license = formatLicense(image.license);
  return image.owner === ''
    ? `The file itself says “${words}”${stop} The contributor has published it under ${license}; if in doubt, ask.`
    : `The file itself says “${words}”${stop} The contributor, ${image.owner}, has published it under ${license}; if in doubt, ask.`;
}

function quoteFile({ license, filled, usage_terms, copyright }: Licensed): string {
  if (license === 'all-rights-reserved') return '';
  // Whoever has the licence from the file itself has no second one in its usage terms, unless these reserve all rights.
  const isOther =
    RESERVED.test(usage_terms) || !(filled.includes('license') || namesLicense(usage_terms, license));
  const terms = filled.includes('usage_terms') && isOther ? usage_terms.trim() : '';
  const rights = filled.includes('copyright') && RESERVED.test(copyright) ? copyright.trim() : '';
  const words = [...(terms.includes(rights) ? [] : [rights]), terms].join(' ').split(/\s+/).join(' ').trim();
  const characters = [...words];
  return characters.length <= MAX_QUOTE ? words : `${characters.slice(0, MAX_QUOTE).join('').trimEnd()}…`;
}

/** Whether a text names a licence: by its identifier, its name or its address. */
function namesLicense(text: string, id: string): boolean {
  const flat = flatten(text);
  const name = id.replace(/[A-Z]+/g, (part) => PARTS[part] ?? '');
  return [id, name, id.replace('CC-', 'creativecommons.org/licenses/')].some((each) =>
    flat.includes(flatten(each)),
  );
}

function flatten(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** What somebody has to do who uses a picture, in one sentence for each licence that the library knows. */
import { CREATIVE_COMMONS } from './licenses';

/** Licences by Creative Commons, by what is between `CC-` and their version. */
const TERMS: Readonly<Record<string, string>> = {
  BY: 'The licence asks you to name the creator, to link to the licence, and to say if you have changed the picture.',
  'BY-SA':
    'The licence asks you to name the creator, to link to the licence, to say if you have changed the picture, and to share what you make of it under the same licence.',
  'BY-ND':
    'The licence asks you to name the creator, to link to the licence, and to share the picture unchanged.',
  'BY-NC':
    'The licence asks you to name the creator, to link to the licence, to say if you have changed the picture, and to use it for no commercial purpose.',
  'BY-NC-SA':
    'The licence asks you to name the creator, to link to the licence, to say if you have changed the picture, to use it for no commercial purpose, and to share what you make of it under the same licence.',
  'BY-NC-ND':
    'The licence asks you to name the creator, to link to the licence, to share the picture unchanged, and to use it for no commercial purpose.',
};

const PUBLIC_DOMAIN =
  'You may use this picture for any purpose, changed or not, and need not name anybody, though a credit line is welcome.';

/** Null where the licence alone does not say it: whose rights are reserved is asked. */
export function describeLicenseTerms(id: string): string | null {
  if (id === 'CC0-1.0' || id === 'PDDL-1.0') return PUBLIC_DOMAIN;
  return TERMS[CREATIVE_COMMONS.exec(id)?.[1] ?? ''] ?? null;
}

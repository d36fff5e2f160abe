/** Values that tests of several modules share. */
import type { Image } from '../src/api/types';
import type { Embedded } from '../src/upload/embedded/embedded';

export function createImage(id: string): Image {
  return {
    id,
    name: `${id}.jpg`,
    description: '',
    tags: [],
    license: 'CC-BY-4.0',
    credit: '',
    creator: '',
    copyright: '',
    usage_terms: '',
    license_url: '',
    place: '',
    title: '',
    camera: '',
    lens: '',
    filled: [],
    revision: 0,
    edited: null,
    embargo: null,
    expires: null,
    width: 300,
    height: 200,
    color: '#808080',
    thumbhash: '',
    created: '2026-05-01T12:00:00.000Z',
    taken: null,
    owner: 'Alice',
    owner_id: '1',
    urls: { '240p': `/i/${id}/v1/240p.jpg`, '720p': `/i/${id}/v1/720p.jpg` },
  };
}

/** A file whose content is its name, unless another one is given. */
/** What a file says about its picture: these fields, and nothing else. */
export function createEmbedded(fields: Partial<Embedded> = {}): Embedded {
  return {
    title: '',
    caption: '',
    keywords: [],
    creator: '',
    credit: '',
    copyright: '',
    licenseUrl: '',
    ...fields,
  };
}

export function createPhoto(name: string, content = name): File {
  return new File([content], name, { type: 'image/jpeg', lastModified: 1 });
}

export function createPhotos(count: number): File[] {
  return Array.from({ length: count }, (_, index) => createPhoto(`photo-${index}.jpg`));
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('Cancelled', 'AbortError'));
    });
  });
}

/** A sign-in token without a valid signature, which only the API would check. */
export function createToken(claims: unknown): string {
  return `${encodeSegment({ alg: 'RS256' })}.${encodeSegment(claims)}.${'s'.repeat(342)}`;
}

function encodeSegment(value: unknown): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
}

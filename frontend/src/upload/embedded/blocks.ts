/** The blocks of a file, EXIF, IIM and XMP, as what each of them says. */
import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';
import { load, type MetadataRange } from 'exifreader';
import { createMD5 } from 'hash-wasm';
import { decodeText } from './texts';

/** What one block says; a value that is no list has one element. */
export type Properties = Readonly<
  Partial<Record<'title' | 'caption' | 'keywords' | 'creator' | 'credit' | 'copyright', readonly string[]>>
>;

export interface Blocks {
  readonly exif: Properties;
  readonly iim: Properties;
  /** Whether IIM is newer than the XMP beside it. */
  readonly hasIimChanged: boolean;
  readonly xmp: Properties;
  /** Addresses in XMP where a licence can be read, or whoever gives licences be asked. */
  readonly addresses: readonly string[];
}

type Name = keyof Properties;

const EXIF_TAGS = { ImageDescription: 'caption', Artist: 'creator', Copyright: 'copyright' } as const;
const IIM_TAGS = {
  'Object Name': 'title',
  Keywords: 'keywords',
  'By-line': 'creator',
  Credit: 'credit',
  'Copyright Notice': 'copyright',
  'Caption/Abstract': 'caption',
} as const;
const XMP_TAGS = {
  title: 'title',
  description: 'caption',
  subject: 'keywords',
  creator: 'creator',
  rights: 'copyright',
  Credit: 'credit',
} as const;
const ADDRESS_TAGS = ['WebStatement', 'license', 'Licensor'] as const;
const CHARACTER_SET = 'Coded Character Set';
const UTF_8 = '\u001b%G';

/** Characters of an XMP packet at most. */
const MAX_XMP = 1_000_000;

/** Bytes between the beginning of a JPEG's segment and the image resources of Photoshop in it. */
const RESOURCES_OFFSET = 18;
const RESOURCE_SIGNATURE = 0x3842494d;
const [IIM_RESOURCE, DIGEST_RESOURCE] = [0x0404, 0x0425];

/** Values as `exifreader` gives them: their types name every tag, and none that is absent. */
interface IimTag {
  value: number[];
}
interface XmpTag {
  value: XmpValue;
  attributes?: Readonly<Record<string, string>>;
}
type XmpValue = string | XmpValue[] | XmpTag | { readonly [name: string]: XmpTag };

/** What the blocks in the first bytes of a file say. Throws where there are none. */
export async function readBlocks(head: ArrayBuffer): Promise<Blocks> {
  const {
    exif = {},
    iptc = {},
    xmp = {},
    metadataRange,
  } = load(head, {
    expanded: true,
    includeOffsets: true,
    includeTags: {
      exif: Object.keys(EXIF_TAGS),
      iptc: [...Object.keys(IIM_TAGS), CHARACTER_SET],
      xmp: [...Object.keys(XMP_TAGS), ...ADDRESS_TAGS],
    },
    domParser: { parseFromString: parseXmp },
  });
  const resources = findResources(head, metadataRange);
  const iim = iptc as unknown as Readonly<Record<string, IimTag | IimTag[]>>;
  const properties = xmp as unknown as Readonly<Record<string, XmpTag>>;
  return {
    exif: readProperties(EXIF_TAGS, (tag) => readExif((exif as Record<string, unknown>)[tag])),
    // IIM in another place than a JPEG's own is not what the library reads.
    iim: resources === null ? {} : readIim(iim),
    hasIimChanged: resources !== null && (await hasChanged(resources)),
    xmp: readProperties(XMP_TAGS, (tag) => listTexts(properties[tag])),
    addresses: ADDRESS_TAGS.flatMap((tag) => listTexts(properties[tag], 'LicensorURL')),
  };
}

function readProperties<Tag extends string>(
  tags: Readonly<Record<Tag, Name>>,
  read: (tag: Tag) => readonly string[],
): Properties {
  const found = (Object.entries(tags) as [Tag, Name][]).map(([tag, name]) => [name, read(tag)] as const);
  return Object.fromEntries(found.filter(([, values]) => values.length > 0));
}

function readExif(tag: unknown): string[] {
  const values = (tag as { value?: unknown } | undefined)?.value;
  // A text ends at its first zero.
  const text: unknown = Array.isArray(values) ? values[0] : undefined;
  if (typeof text !== 'string') return [];
  // What is no UTF-8 has a character for each byte.
  const codes = [...text].map((each) => each.codePointAt(0) ?? 0);
  return [codes.some((code) => code > 0xff) ? text : decodeText(Uint8Array.from(codes))];
}

function readIim(tags: Readonly<Record<string, IimTag | IimTag[]>>): Properties {
  const list = (tag: string): number[][] => [tags[tag] ?? []].flat().map(({ value }) => value);
  const isUtf8 = list(CHARACTER_SET).some((value) => String.fromCharCode(...value) === UTF_8);
  return readProperties(IIM_TAGS, (tag) =>
    list(tag).map((value) => decodeText(Uint8Array.from(value), isUtf8)),
  );
}

/** The texts of a property, that of the default language first. Of a list of structures, those of the first one. */
function listTexts(tag: XmpTag | undefined, part?: string): string[] {
  if (tag === undefined) return [];
  const items = Array.isArray(tag.value) ? tag.value : [tag];
  const texts = items.flatMap((item, index): { text: string; isDefault: boolean }[] => {
    const text = findText(item, index === 0 ? part : undefined);
    const isDefault = isTag(item) && item.attributes?.lang === 'x-default';
    return text.trim() === '' ? [] : [{ text, isDefault }];
  });
  texts.sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  return texts.map(({ text }) => text);
}

function findText(value: XmpValue, part: string | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return '';
  if (isTag(value)) return findText(value.value, part);
  const inner = part === undefined ? undefined : value[part];
  return inner === undefined ? '' : findText(inner, undefined);
}

function isTag(value: XmpValue): value is XmpTag {
  return typeof value === 'object' && 'value' in value && 'attributes' in value;
}

/** The tree of an XMP packet. One that declares a document type is not read: it could have entities that stand for others. */
function parseXmp(text: string): unknown {
  if (text.length > MAX_XMP || text.includes('<!DOCTYPE')) throw new Error('This packet is not read.');
  const parser = new DOMParser({ onError: onErrorStopParsing, normalizeLineEndings });
  return parser.parseFromString(text, 'application/xml');
}

/** As XML 1.0 has it. XML 1.1 takes control characters for ends of lines, too. */
function normalizeLineEndings(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** The image resources of Photoshop in a JPEG file. */
function findResources(head: ArrayBuffer, range: MetadataRange | undefined): DataView | null {
  const segment = range?.blocks.filter(({ type }) => type === 'iptc').at(-1);
  if (segment === undefined || segment.end > head.byteLength) return null;
  const start = segment.start + RESOURCES_OFFSET;
  return new DataView(head, start, segment.end - start);
}

/** Whether a program has changed IIM and not XMP: then IIM's digest is another one than the resources say. */
async function hasChanged(resources: DataView): Promise<boolean> {
  const iim = findResource(resources, IIM_RESOURCE);
  const digest = findResource(resources, DIGEST_RESOURCE);
  if (iim === null || digest?.length !== 16) return false;
  const md5 = await createMD5();
  return (
    md5.init().update(iim).digest('hex') !==
    [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  );
}

/** The content of the last resource with a number: signature, number, name, length, content. */
function findResource(resources: DataView, number: number): Uint8Array | null {
  let found: Uint8Array | null = null;
  let position = 0;
  while (position + 12 <= resources.byteLength && resources.getUint32(position) === RESOURCE_SIGNATURE) {
    const each = resources.getUint16(position + 4);
    // A name begins with its length; names and contents are padded to an even number of bytes.
    const sizeAt = position + 6 + 2 * Math.floor((resources.getUint8(position + 6) + 2) / 2);
    if (sizeAt + 4 > resources.byteLength) break;
    const size = resources.getUint32(sizeAt);
    const end = Math.min(resources.byteLength, sizeAt + 4 + size);
    if (each === number) {
      found = new Uint8Array(resources.buffer, resources.byteOffset + sizeAt + 4, end - sizeAt - 4);
    }
    position = sizeAt + 4 + size + (size % 2);
  }
  return found;
}

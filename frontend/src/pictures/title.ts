/**
 * What a picture is titled. The name of a file says less than a description does: one that a camera has given heads nothing, and
 * one that a person has given heads the picture's page alone. Other sites show the same titles (stockroom/images/titles.py).
 */
import type { Image } from '../api/types';
import { removeHashtags } from './caption';

/** Characters of a title elsewhere, and of a heading that the description gives. */
const MAX_TITLE = 80;

const EXTENSION =
  /\.(?:jpe?g|jpe|jp2|jfif|png|webp|gif|avif|hei[cf]|tiff?|bmp|jxl|ps[bd]|dng|nef|nrw|cr[23]|arw|raf|orf|pef|rw2|srw)$/i;

/** The name that a camera or a phone counts its files with, and what programs append to it. */
const CAMERA_NAME =
  /^_*(?:(?:imgp?|dsc[fn]?|mg|mvimg|pxl|dji|gopr|cimg|pict|dcp|hpim)[-_ ]?e?[0-9]{3,}|[a-z][0-9]{7,}|[0-9]{8,}|[0-9]{3}_[0-9]{4}|[0-9]{8}[-_ ][0-9]{4,})(?:[-_ .~]+(?:[0-9]+|\([0-9]+\)|wa[0-9]+|mp|hdr|pano|portrait|cover|edit(?:ed)?|copy|kopie)|\([0-9]+\))*$/i;

type Titled = Pick<Image, 'description' | 'name'>;

function isCameraName(name: string): boolean {
  return CAMERA_NAME.test(name.replace(EXTENSION, ''));
}

/** The title of a picture where it is not seen: its name, unless that is a file's; else its description; else its name. */
export function titlePicture({ name, description }: Titled): string {
  const isFileName = EXTENSION.test(name) || isCameraName(name);
  return cutAtWord((isFileName && removeHashtags(description)) || name);
}

/** What heads a picture's page: its name, unless a camera has given it; else its description; else its name. */
export function headPicture({ name, description }: Titled): string {
  const caption = isCameraName(name) ? removeHashtags(description) : '';
  return caption === '' ? name : cutAtWord(caption);
}

/** A text in one line, cut at a word's end where it is too long for a title. */
function cutAtWord(text: string): string {
  const line = text.split(/\s+/).join(' ').trim();
  const characters = [...line];
  if (characters.length <= MAX_TITLE) return line;
  const start = characters.slice(0, MAX_TITLE).join('');
  const end = start.lastIndexOf(' ');
  return `${end > 0 ? start.slice(0, end) : characters.slice(0, MAX_TITLE - 1).join('')}…`;
}

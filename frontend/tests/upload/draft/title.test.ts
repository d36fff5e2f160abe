import { describe, expect, it } from 'vitest';
import { suggestName, suggestTitle } from '../../../src/upload/draft/title';

describe('a title from a file name', () => {
  it.each([
    ['waves-at-midnight 017.jpg', 'Waves at midnight'],
    ['Otters_in_Oakland.JPEG', 'Otters in Oakland'],
    ['lake sherburne (2).jpg', 'Lake sherburne'],
    ['copy of casa-mila.jpg', 'Casa mila'],
    ['casa-mila 0017 edit.png', 'Casa mila'],
    ['World Cup Final.jpg', 'World Cup Final'],
    ['Apollo 11.png', 'Apollo 11'],
    ['summer 2024.jpg', 'Summer 2024'],
    ['mt. rainier.webp', 'Mt rainier'],
    ['夜の波の音.jpg', '夜の波の音'],
    ['été à la mer 003.jpg', 'Été à la mer'],
  ])('is what a person has called it: %s', (name, title) => {
    expect(suggestTitle(name)).toBe(title);
  });

  it.each([
    'DSC_0417.JPG',
    '_DSC0417.jpg',
    'DSCF1234.RAF',
    'IMG_20260501_153012.jpg',
    'IMG-20260501-WA0003.jpg',
    'PXL_20260501_153012345.jpg',
    '20260501_153012.jpg',
    'P1010017.JPG',
    'photo-12.jpg',
    'Screenshot 2026-05-01 10.00.00.png',
    '3f2a8c7e-91b4-4c52-8a0e-5d6f7a8b9c0d.jpg',
    '0417.jpg',
    'a.jpg',
    '.jpg',
    '',
  ])('is empty when a program has called it so: %s', (name) => {
    expect(suggestTitle(name)).toBe('');
  });
});

describe('a name from the title that stands in a file', () => {
  it.each(['Harbour', 'Boats, at 5 o’clock', '夜の波の音', 'Summer 2024'])('is the title: %s', (title) => {
    expect(suggestName(title)).toBe(title);
  });

  it.each([
    '',
    'DSC_4059',
    'IMG_1234.JPG',
    'Untitled',
    'Sea/Shore',
    'a\\harbour',
    '\u202eharbour',
    'ha\nrbour',
  ])('is empty where a program has written it, or the library would refuse it: %j', (title) => {
    expect(suggestName(title)).toBe('');
  });
});

// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it } from 'vitest';
import type { Upload } from '../../../src/api/types';
import UploadFacts from '../../../src/components/manage/UploadFacts.svelte';
import { createImage } from '../../fixtures';

let component: ReturnType<typeof mount>;
afterEach(() => unmount(component));

function show(upload: Partial<Upload>): void {
  const whole = { id: 'a', name: 'photo.jpg', file_name: 'photo.jpg', state: 'ready', ...upload } as Upload;
  component = mount(UploadFacts, {
    target: document.body,
    props: { upload: { ...whole, created: '2026-05-04T10:00:00Z' }, now: 0 },
  });
  flushSync();
}

const getTexts = (): string[] =>
  [...document.querySelectorAll('p')].map(({ textContent }) => textContent.trim());

it('shows the licence and the tags of a picture', () => {
  show({ image: { ...createImage('a'), tags: ['sea', 'wedding'], license: 'CC-BY-4.0' } });
  expect(getTexts()).toContain('CC BY 4.0 · #sea #wedding');
});

it('shows the licence alone where there are no tags, and neither of what is no picture', async () => {
  show({ image: { ...createImage('a'), tags: [], license: 'CC0-1.0' } });
  expect(getTexts().some((text) => text.startsWith('CC0'))).toBe(true);
  await unmount(component);
  show({ state: 'expired' });
  expect(getTexts()).toHaveLength(2);
});

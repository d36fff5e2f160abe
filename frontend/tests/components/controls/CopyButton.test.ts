// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import CopyButton from '../../../src/components/controls/CopyButton.svelte';

const LINE = { text: '“Boats” by Ann', html: '<a href="/p/A">Boats</a> by Ann' };
let component: ReturnType<typeof mount>;

async function copy(clipboard: object, props: object = LINE): Promise<void> {
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
  component = mount(CopyButton, {
    target: document.body,
    props: { label: 'Copy credit line', done: 'Credit line copied', text: '', ...props },
  });
  flushSync();
  document.querySelector('button')?.click();
  await vi.waitFor(() => {
    flushSync();
    const hasEnded =
      document.querySelector('button')?.textContent === 'Credit line copied' ||
      document.querySelector('input');
    expect(hasEnded).toBeTruthy();
  });
}

/** The texts that were written, by their types. */
async function readWritten(write: ReturnType<typeof vi.fn>): Promise<Record<string, string>> {
  const [[item]] = write.mock.calls[0] as [[ClipboardItem]];
  const texts = item.types.map(async (type) => [type, await (await item.getType(type)).text()]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

afterEach(async () => {
  await unmount(component);
  Reflect.deleteProperty(navigator, 'clipboard');
  vi.unstubAllGlobals();
});

it('puts links on the clipboard for editors, and plain text for all others', async () => {
  const write = vi.fn(async () => undefined);
  const writeText = vi.fn(async () => undefined);
  await copy({ write, writeText });
  expect(await readWritten(write)).toEqual({ 'text/plain': LINE.text, 'text/html': LINE.html });
  expect(writeText).not.toHaveBeenCalled();
});

it('writes plain text where the browser has no items for the clipboard, or refuses them', async () => {
  const writeText = vi.fn(async () => undefined);
  await copy({ write: () => Promise.reject(new Error('No.')), writeText });
  expect(writeText).toHaveBeenCalledExactlyOnceWith(LINE.text);
  await unmount(component);
  vi.stubGlobal('ClipboardItem', undefined);
  Reflect.deleteProperty(globalThis, 'ClipboardItem');
  writeText.mockClear();
  await copy({ writeText });
  expect(writeText).toHaveBeenCalledExactlyOnceWith(LINE.text);
});

it('writes a text alone that has no links', async () => {
  const write = vi.fn(async () => undefined);
  const writeText = vi.fn(async () => undefined);
  await copy({ write, writeText }, { text: '<figure>' });
  expect(writeText).toHaveBeenCalledExactlyOnceWith('<figure>');
  expect(write).not.toHaveBeenCalled();
});

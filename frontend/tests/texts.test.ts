import { expect, it } from 'vitest';
import { buildTable } from '../vite/languages';
import { changeTexts, findTexts, toRuntimeText } from '../vite/texts';

function listTexts(code: string): string[] {
  return findTexts(code).texts.map(({ text }) => text);
}

it.each([
  ['$.set_text(node, `${a} of  ${b} sent`)', ['{0} of {1} sent']],
  ["const label = 'Saving …'", ['Saving …']],
  [
    'var root = $.from_html(`<p class="Big one">Your &amp; my <b title="Close">picture</b> </p>`)',
    ['Your & my', 'Close', 'picture'],
  ],
  ["$.set_attribute(node, 'aria-label', 'Select all')", ['Select all']],
  ['const name = t`ready`', ['ready']],
  ["formatCount(count, 'entry', 'entries')", ['entry | entries']],
  ["announce(`${formatCount(count, 'photo')} ready.`)", ['{0} ready.', 'photo | photos']],
  ["let label = $.prop($$props, 'label', 3, 'Pictures')", ['Pictures']],
  ['const hint = `${hint} This is all.`.trim()', ['{0} This is all.']],
  ["const PALETTE = { red: '#f00' }", ['red']],
])('finds the texts of %s', (code, texts) => {
  expect(listTexts(code)).toEqual(texts);
});

it.each([
  "if (event.key === 'Delete') go()",
  "$.set_attribute(node, 'class', 'Two words')",
  "$.set_class(node, 1, 'button small')",
  "import { a } from 'A module'",
  "const styles = { 'Two words': 1 }",
  'const url = `/api/images/${id} and more`',
  "document.querySelector('a b')",
  'const size = `${width}px`',
  "const keys = ['ArrowLeft']",
  "const words = 'a list of words'.split(' ')",
])('finds none in %s', (code) => {
  expect(listTexts(code)).toEqual([]);
});

it('makes a module ask for its texts', () => {
  const code = "const a = 'It’s a `sign`'; const b = `${a} left`; $.from_html(`<p>Close</p>`, 1);";
  const [imports, changed] = changeTexts(code, findTexts(code), '/texts.ts')?.split('\n') ?? [];
  expect(imports).toBe('import { t as __t, html as __html } from "/texts.ts";');
  expect(changed).toBe(
    'const a = __t`It’s a \\`sign\\``; const b = __t`${a} left`; $.from_html(__html(`<p>Close</p>`), 1);',
  );
  expect(changeTexts('go()', findTexts('go()'), '/texts.ts')).toBeNull();
});

it('keeps the space around a text, and what is a sign of HTML', () => {
  const [text, label] = findTexts(
    '$.from_html(`<p>Upload\n  <b aria-label="Not &lt;small&gt;"></b></p>`)',
  ).texts;
  expect(text && toRuntimeText(text, 'Hochladen')).toBe('Hochladen ');
  expect(label?.text).toBe('Not <small>');
  expect(label && toRuntimeText(label, 'Nicht <klein>')).toBe('Nicht &lt;klein&gt;');
});

it('a table has what its script has, and the direction', () => {
  const { texts } = findTexts("const a = ['Save', 'Not translated']");
  expect(buildTable('ar', texts, { Save: 'حفظ', Other: '?' })).toEqual({ Save: 'حفظ', dir: 'rtl' });
});

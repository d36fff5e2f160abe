// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest';
import { passFocusOn } from '../../src/app/pass-focus-on';

beforeEach(() => {
  document.body.innerHTML = `
    <div data-page="search"><h1 tabindex="-1">Pictures</h1></div>
    <div id="outer"><button id="other"></button><div id="inner"><button id="pressed"></button></div></div>
    <input id="next" /><input id="elsewhere" />`;
});
afterEach(() => document.body.replaceChildren());

function find(id: string): HTMLElement {
  return document.querySelector<HTMLElement>(id === 'h1' ? id : `#${id}`)!;
}

/** What has the focus once everything that had to be done is done. */
async function readFocused(): Promise<string | undefined> {
  await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setTimeout(resolve));
  const { activeElement } = document;
  return activeElement?.id || activeElement?.tagName;
}

it.each(['pressed', 'inner', 'outer'])('hands the focus on where #%s goes', async (gone) => {
  passFocusOn(() => find('next').focus())(find('outer'));
  find('pressed').focus();
  find(gone).remove();
  expect(await readFocused()).toBe('next');
});

it('hands it to the heading where nothing else is said, or what is said takes no focus', async () => {
  passFocusOn()(find('inner'));
  passFocusOn(() => undefined)(find('other'));
  for (const id of ['pressed', 'other']) {
    find(id).focus();
    find(id).remove();
    expect(await readFocused()).toBe('H1');
  }
});

it('does so each time, and for what is there only later', async () => {
  passFocusOn()(find('inner'));
  find('pressed').focus();
  find('pressed').remove();
  expect(await readFocused()).toBe('H1');
  find('inner').innerHTML = '<button id="later"></button>';
  find('later').focus();
  find('inner').replaceChildren();
  expect(await readFocused()).toBe('H1');
});

it.each([
  ['outer', 'inner'],
  ['inner', 'outer'],
])('has the inner one of two elements decide, though #%s came before #%s', async (...order) => {
  const places: Record<string, string> = { outer: 'elsewhere', inner: 'next' };
  for (const id of order) passFocusOn(() => find(places[id] ?? '').focus())(find(id));
  find('other').focus();
  find('pressed').focus();
  find('outer').remove();
  expect(await readFocused()).toBe('next');
});

it('leaves the focus where something else has put it meanwhile', async () => {
  passFocusOn()(find('inner'));
  find('pressed').focus();
  find('inner').remove();
  await Promise.resolve().then(() => find('elsewhere').focus());
  expect(await readFocused()).toBe('elsewhere');
});

it.each([
  ['whoever has gone on elsewhere', () => find('elsewhere').focus(), 'elsewhere'],
  ['whoever has clicked on nothing', () => find('pressed').blur(), 'BODY'],
])('leaves the focus to %s', async (_, leave, left) => {
  passFocusOn()(find('inner'));
  find('pressed').focus();
  leave();
  await readFocused();
  find('inner').remove();
  expect(await readFocused()).toBe(left);
});

it('asks only the last of two elements that go one after the other', async () => {
  passFocusOn(() => find('elsewhere').focus())(find('inner'));
  passFocusOn(() => find('next').focus())(find('other'));
  find('pressed').focus();
  find('inner').remove();
  await Promise.resolve();
  find('other').focus();
  find('other').remove();
  expect(await readFocused()).toBe('next');
});

it('leaves the focus alone where it never had it', async () => {
  passFocusOn()(find('inner'));
  find('inner').remove();
  expect(await readFocused()).toBe('BODY');
});

it('hands it on also where an event says first that the element loses it', async () => {
  passFocusOn()(find('inner'));
  find('pressed').focus();
  // As Chromium does.
  find('pressed').dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
  find('inner').remove();
  expect(await readFocused()).toBe('H1');
});

it('hands it on where the window was left meanwhile', async () => {
  passFocusOn()(find('inner'));
  find('pressed').focus();
  find('pressed').dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
  await readFocused();
  find('inner').remove();
  expect(await readFocused()).toBe('H1');
});

it('minds only what has the focus, not what else goes', async () => {
  passFocusOn(() => find('next').focus())(find('outer'));
  find('pressed').focus();
  find('other').remove();
  expect(await readFocused()).toBe('pressed');
  find('pressed').remove();
  expect(await readFocused()).toBe('next');
});

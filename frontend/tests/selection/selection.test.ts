import { describe, expect, it } from 'vitest';
import { Selection } from '../../src/selection/selection.svelte';

const ORDER = ['a', 'b', 'c', 'd', 'e'];

function select(...ids: string[]): Selection {
  const selection = new Selection();
  for (const id of ids) selection.toggle(id);
  return selection;
}

describe('a selection', () => {
  it('takes rows one by one, and lists them in the order of the list', () => {
    const selection = select('d', 'a', 'c', 'a');
    expect(selection.listIn(ORDER)).toEqual(['c', 'd']);
    expect(selection.size).toBe(2);
    expect(selection.has('a')).toBe(false);
  });

  it.each([
    ['downwards', 'b', 'd', ['b', 'c', 'd']],
    ['upwards', 'd', 'b', ['b', 'c', 'd']],
    ['to itself', 'b', 'b', ['b']],
  ])('extends %s from the row that was selected last', (_, from, to, expected) => {
    const selection = select(from);
    selection.extendTo(to, ORDER);
    expect(selection.listIn(ORDER)).toEqual(expected);
  });

  it('extends again from the same row, beside what was selected before', () => {
    const selection = select('a', 'c');
    selection.extendTo('d', ORDER);
    selection.extendTo('e', ORDER);
    expect(selection.listIn(ORDER)).toEqual(['a', 'c', 'd', 'e']);
  });

  it('takes a range out from a row that was unselected last', () => {
    const selection = new Selection();
    selection.selectAll(ORDER);
    selection.toggle('b');
    selection.extendTo('d', ORDER);
    expect(selection.listIn(ORDER)).toEqual(['a', 'e']);
  });

  it.each([
    ['nothing was touched', new Selection()],
    ['the list lacks the row that was touched last', select('elsewhere')],
  ])('selects one row as a range when %s', (_, selection) => {
    selection.extendTo('c', ORDER);
    expect(selection.listIn(ORDER)).toEqual(['c']);
  });

  it('takes all, and none', () => {
    const selection = select('b');
    selection.selectAll(ORDER);
    expect(selection.listIn(ORDER)).toEqual(ORDER);
    selection.clear();
    expect(selection.size).toBe(0);
  });

  it('forgets rows that the list no longer has', () => {
    const selection = select('a', 'b');
    selection.keepOnly(['b', 'c']);
    expect(selection.size).toBe(1);
    expect(selection.has('b')).toBe(true);
  });

  it.each([
    ['alone', false, ['a', 'd']],
    ['with Shift', true, ['a', 'b', 'c', 'd']],
  ])('takes a click %s', (_, shiftKey, expected) => {
    const selection = select('a');
    selection.click('d', ORDER, { shiftKey });
    expect(selection.listIn(ORDER)).toEqual(expected);
  });

  it('selects what a drag passes, and nothing that it has left again', () => {
    const selection = select('e');
    selection.beginDrag('b');
    selection.dragTo('d', ORDER);
    expect(selection.listIn(ORDER)).toEqual(['b', 'c', 'd', 'e']);
    selection.dragTo('a', ORDER);
    selection.endDrag();
    expect(selection.listIn(ORDER)).toEqual(['a', 'b', 'e']);
  });

  it('takes out what a drag passes that begins at a selected picture', () => {
    const selection = select('a', 'b', 'e');
    selection.beginDrag('b');
    selection.dragTo('e', ORDER);
    selection.endDrag();
    expect(selection.listIn(ORDER)).toEqual(['a']);
  });

  it('goes on from where a drag began', () => {
    const selection = new Selection();
    selection.beginDrag('b');
    selection.dragTo('c', ORDER);
    selection.endDrag();
    selection.extendTo('d', ORDER);
    expect(selection.listIn(ORDER)).toEqual(['b', 'c', 'd']);
  });

  it('counts what a person does, and not what happens to the list', () => {
    const selection = select('a', 'b');
    const { acts } = selection;
    selection.keepOnly(['b']);
    selection.remove(['b']);
    expect([selection.size, selection.acts]).toEqual([0, acts]);
    selection.selectAll(ORDER);
    expect(selection.acts).toBe(acts + 1);
  });

  it.each([
    [{ key: 'a', ctrlKey: true }, true, 5],
    [{ key: 'A', metaKey: true }, true, 5],
    [{ key: 'Escape' }, true, 0],
    [{ key: 'a' }, false, 1],
  ])('takes the key %o: %s', (key, isTaken, size) => {
    const selection = select('b');
    const event = {
      ctrlKey: false,
      metaKey: false,
      preventDefault: () => undefined,
      ...key,
    } as KeyboardEvent;
    expect(selection.takeKey(event, ORDER)).toBe(isTaken);
    expect(selection.size).toBe(size);
  });

  it('leaves Escape to others while nothing is selected', () => {
    const event = { key: 'Escape' } as KeyboardEvent;
    expect(new Selection().takeKey(event, ORDER)).toBe(false);
  });
});

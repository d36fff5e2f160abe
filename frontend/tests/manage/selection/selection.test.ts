import { describe, expect, it } from 'vitest';
import { Selection } from '../../../src/manage/selection/selection.svelte';

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
});

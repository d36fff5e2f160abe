import { describe, expect, it } from 'vitest';
import { findPeople } from '../../../src/manage/log/people';

const ANN = { id: '1', name: 'Ann' };
const ANNA = { id: '2', name: 'Anna' };
const OTHER_ANN = { id: '3', name: 'Ann' };

describe('a person who is typed', () => {
  it.each([
    ['', []],
    ['17', [{ id: '17', name: '' }]],
    [' ann ', [ANN]],
    ['NNA', [ANNA]],
    ['nn', [ANN, ANNA]],
    ['Bob', []],
  ])('is known by id, name, or a part of the name: “%s”', (text, people) => {
    expect(findPeople(text, [ANN, ANNA, ANN])).toEqual(people);
  });

  it('may be one of several of the same name', () => {
    expect(findPeople('ann', [ANN, ANNA, OTHER_ANN])).toEqual([ANN, OTHER_ANN]);
  });
});

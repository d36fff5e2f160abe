// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { takeAnswerFromAddress } from '../../src/app/provider-answer';

it('takes the answer out of the address of a provider alone', () => {
  for (const address of ['/search?code=1', '/signin?code=1&state=2', '/signin/https-id.example/answer']) {
    history.replaceState(null, '', address);
    expect(takeAnswerFromAddress()).toBeNull();
  }
  history.replaceState(null, '', '/signin/https-id.example/answer?code=1&state=2');
  const answer = takeAnswerFromAddress();
  expect(answer?.path).toBe('/signin/https-id.example/answer');
  expect(answer?.parameters.get('code')).toBe('1');
  expect(location.pathname + location.search).toBe('/signin');
  expect(takeAnswerFromAddress()).toBeNull();
});

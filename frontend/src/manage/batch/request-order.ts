/** In which order people have asked for what is done to pictures: without a network, what was asked for first may be done last. */
let last = 0;

/** The number of a request that is made now: greater than those of all before it in this page, and than 0. */
export function numberRequest(): number {
  last += 1;
  return last;
}

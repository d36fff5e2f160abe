/**
 * Takes away what the library has written into the page about the picture whose page was opened first: it is wrong of
 * every other page, and a search engine that runs this script would read it there.
 */
export function removeHeadOfPage(): void {
  for (const element of document.querySelectorAll('[data-of-page]')) element.remove();
}

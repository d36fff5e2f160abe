/**
 * Removes what the library has written into head and body of the page that was opened first, about its picture: it is
 * wrong of every other page, and a search engine that runs this script would read it there.
 */
export function removeElementsOfFirstPage(): void {
  for (const element of document.querySelectorAll('[data-of-page]')) element.remove();
}

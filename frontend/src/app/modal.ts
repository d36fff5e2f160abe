/** Opens a dialog above the page. The returned function closes it and gives the focus back to where it was. */
export function openModal(dialog: HTMLDialogElement): () => void {
  const opener = document.activeElement;
  dialog.showModal();
  // A low screen shows the beginning, and not what the browser has given the focus to.
  dialog.scrollTop = 0;
  return () => {
    // The browser gives the focus back only from a dialog that is still in the document.
    dialog.close();
    if (opener instanceof HTMLElement) opener.focus();
  };
}

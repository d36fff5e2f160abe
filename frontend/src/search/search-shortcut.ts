/** “/” puts the focus on the search box, as on many other sites, once this is loaded. */
addEventListener('keydown', (event) => {
  const { target } = event;
  const isTyping =
    target instanceof Element &&
    target.closest('input:not([type=checkbox], [type=radio]), textarea, select') !== null;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
  const field = document.querySelector<HTMLInputElement>('#search');
  if (field === null || field.offsetParent === null) return;
  event.preventDefault();
  field.focus();
  field.select();
});

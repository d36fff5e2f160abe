/** “/” puts the focus on the search box, as on many other sites, once this is loaded. */
addEventListener('keydown', (event) => {
  const isTyping =
    event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
  const field = document.querySelector<HTMLInputElement>('#search');
  if (field === null || field.offsetParent === null) return;
  event.preventDefault();
  field.focus();
  field.select();
});

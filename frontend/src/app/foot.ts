/** Where what concerns every page stands, at the foot of the screen, one above the other (`.notices` of `app.css`). */
export const foot = document.body.appendChild(document.createElement('div'));
foot.className = 'notices';

// What else stands at the foot of the screen, and the end of the page, are above them.
new ResizeObserver(() =>
  document.documentElement.style.setProperty('--notices', `${foot.offsetHeight}px`),
).observe(foot);

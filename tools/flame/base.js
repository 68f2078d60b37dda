// SPDX-License-Identifier: MIT
//
// What all pages have. Every name in their data is a foreign process's: it becomes text, never markup.

const data = JSON.parse(document.getElementById('data').textContent);
const element = (id) => document.getElementById(id);

function make(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

// One drawing a frame, however often it is asked for.
function oncePerFrame(draw) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  };
}

// `keys`: a deed for each, except while something is typed; Escape ends that and goes back to `from`.
function listenToKeys(keys, from) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = /^(INPUT|SELECT)$/.test(event.target.tagName);
    if (typing && event.key === 'Escape') from.focus();
    if (typing || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
}

// As the system is set at first.
function listenToTheme(redraw) {
  const paint = (dark) => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    element('theme').textContent = dark ? 'Light' : 'Dark';
    redraw();
  };
  element('theme').addEventListener('click', () => paint(document.documentElement.dataset.theme !== 'dark'));
  paint(window.matchMedia('(prefers-color-scheme: dark)').matches);
}

function head(title) {
  document.title = title;
  element('title').textContent = title;
}

// SPDX-License-Identifier: MIT
//
// What can be done with the page.

const profile = data;
const LARGEST = 200, MOST_HOLDERS = 50;

const state = { measure: 0, reversed: false, up: false, lines: false, unchanged: false, only: null, zoom: 0, chosen: -1, pointed: -1, search: '',
                byTotal: false };
const drawing = new Drawing(element('canvas'), element('scroller'), element('extent'));
const holders = profile.holders && new Holders(profile);
let tree = null, matched = null;

const unit = () => profile.measures[state.measure].unit;
const nameOf = (node) => tree.names[tree.name[node]];
const all = () => tree.after[0];

function figures(node) {
  if (!profile.compared) return figure(tree.after[node], unit());
  return change(tree.after[node] - tree.before[node], unit());
}

// Where a name is short of room; of an operator or a lambda the last word alone says nothing.
function lastName(brief) {
  const offset = /\+0x[0-9a-f]+$/.exec(brief);
  if (offset) return offset[0];
  const last = brief.slice(brief.lastIndexOf('::') + 1).replace(/^:/, '');
  return !last || /^(operator|\{)/.test(last) ? brief : last;
}

// In full with its figure, or shorter, or at last as much of the name as there is room for.
function label(node, letters) {
  const { name, brief } = node ? nameOf(node) : { name: 'all', brief: 'all' };
  const withFigure = (text) => (profile.compared ? `${figures(node)} ${text}` : `${text}  ${figures(node)}`);
  const last = lastName(brief), least = profile.compared ? withFigure(last) : last;
  return [withFigure(name), withFigure(brief), profile.compared ? least : brief].find((text) => text.length <= letters) || least;
}

// --- what is on the page

const redraw = oncePerFrame(() => drawing.draw({ tree, label, matched, ...state }));

function rebuild() {
  tree = new Tree(profile, state);
  state.zoom = 0;
  state.chosen = state.pointed = -1;
  weigh();
}

function weigh() {
  tree.weigh(state.measure, state.unchanged);
  if (tree.width[state.zoom] === 0) state.zoom = 0;
  sums = tree.byFunction();
  search();
  listLargest();
  show();
  if (state.up) element('scroller').scrollTop = element('scroller').scrollHeight;
}

// What depends on the zoom and what is chosen.
function show() {
  element('back').disabled = state.zoom === 0 && state.only === null;
  element('only').disabled = state.chosen <= 0;
  for (const [id, pressed] of [['reverse', state.reversed], ['flame', state.up], ['lines', state.lines], ['unchanged', state.unchanged]]) {
    element(id).setAttribute('aria-pressed', pressed);
  }
  describe(state.pointed >= 0 ? state.pointed : state.chosen);
  if (holders) showHolders(Math.max(0, state.chosen));
  redraw();
}

function describe(node) {
  const panel = element('chosen');
  panel.replaceChildren();
  if (node < 0) {
    panel.append(make('span', tree.width[0] > 0 ? 'Point at a function, or click it to zoom in. Arrow keys move; / searches.'
      : profile.compared && !state.unchanged && tree.before[0] + tree.after[0] > 0 ? 'Nothing of this grew or shrank; Unchanged too shows what there is.' : 'No stack has any of this.'));
    return;
  }
  const whole = all(), own = tree.ownAfter[node];
  const name = node ? nameOf(node) : { name: state.only === null ? 'all' : `all stacks through ${state.only}`, place: '', module: -1 };
  panel.append(make('b', name.name));
  const parts = [];
  if (profile.compared) {
    parts.push(`${figure(tree.before[node], unit())} → ${figure(tree.after[node], unit())}, ${figures(node)}`);
  } else {
    parts.push(`${figure(tree.after[node], unit())}, ${share(tree.after[node], whole)}`);
    if (node && tree.depth[node] > 1) parts.push(`${share(tree.after[node], tree.after[tree.parent[node]])} of its ${state.reversed ? 'callee' : 'caller'}`);
    if (own > 0 && own < tree.after[node]) parts.push(`${figure(own, unit())} itself`);
  }
  panel.append(make('div', parts.join(' · ')));
  panel.append(make('span', [name.place, profile.modules[name.module]].filter(Boolean).join(' · ')));
}

// Of what is chosen, not of what the mouse is over: one goes from here to the list.
function showHolders(node) {
  const { rows, asked, stacks } = holders.of(tree, node);
  const what = node ? nameOf(node).brief : state.only === null ? 'all' : state.only;
  const known = asked === stacks ? '' : ` (of its ${figure(stacks, 'count')} stacks, ${figure(asked, 'count')} were asked about)`;
  element('held').textContent = asked === 0 ? `Who points at blocks of ${what} was not asked.`
    : rows.length === 0 ? `Nothing was found that points at blocks of ${what}${known}.` : `Who points at blocks of ${what}${known}:`;
  element('holder-rows').replaceChildren(...rows.slice(0, MOST_HOLDERS).map(({ from, pointers, row }) => {
    const entry = make('li', '');
    entry.append(make('span', figure(pointers, 'count')), make(row < 0 ? 'div' : 'button', from));
    if (row >= 0) entry.lastChild.addEventListener('click', () => goTo(row));
    return entry;
  }));
  if (rows.length > MOST_HOLDERS) element('holder-rows').append(make('li', `and ${rows.length - MOST_HOLDERS} who have fewer`));
}

// Where this stack ends.
function goTo(row) {
  if (tree.ends[row] < 0) {
    state.only = null;
    rebuild();
  }
  state.zoom = 0;
  move(tree.ends[row]);
}

let sums = [];
function listLargest() {
  const body = element('rows');
  const key = (sum) => (state.byTotal ? sum.total - sum.totalBefore : sum.self - sum.selfBefore);
  const size = (sum) => Math.abs(key(sum));
  element('by-self').setAttribute('aria-pressed', !state.byTotal);
  element('by-total').setAttribute('aria-pressed', state.byTotal);
  const order = sums.map((_, name) => name).filter((name) => size(sums[name]) > 0).sort((a, b) => size(sums[b]) - size(sums[a]));
  const written = (now, before) => {
    if (profile.compared) return now === before ? '' : change(now - before, unit());
    return now > 0 ? figure(now, unit()) : '';
  };
  const shown = order.slice(0, LARGEST), seen = new Map();
  for (const at of shown) seen.set(tree.names[at].brief, (seen.get(tree.names[at].brief) || 0) + 1);
  body.replaceChildren(...shown.map((at) => {
    const sum = sums[at], row = make('tr', ''), name = tree.names[at], cell = make('td', '');
    // Of one template there may be many, which in brief are all the same.
    const button = make('button', seen.get(name.brief) > 1 ? name.name : name.brief, { title: name.place ? `${name.name}\n${name.place}` : name.name });
    button.addEventListener('click', () => searchFor(name.name));
    cell.append(button);
    row.append(make('td', written(sum.self, sum.selfBefore)), make('td', written(sum.total, sum.totalBefore)), cell);
    return row;
  }));
  element('more').textContent = order.length > LARGEST ? `and ${order.length - LARGEST} smaller ones` : '';
}

// --- search

function search() {
  const found = element('found');
  found.className = '';
  found.textContent = '';
  matched = null;
  if (!state.search) return;
  let wanted;
  try {
    wanted = new RegExp(state.search, 'i');
  } catch (error) {
    found.className = 'wrong';
    found.textContent = 'not a regular expression';
    return;
  }
  matched = tree.names.map((name) => wanted.test(name.name) || wanted.test(name.place) || wanted.test(profile.modules[name.module] || ''));
  const top = tree.outermost((node) => (matched[tree.name[node]] ? 0 : -1), 1);
  let sum = 0, sumBefore = 0;
  for (let node = 1; node < top.length; ++node) {
    if (!top[node]) continue;
    sum += tree.after[node];
    sumBefore += tree.before[node];
  }
  found.textContent = profile.compared ? `matched: ${change(sum - sumBefore, unit())}` : `matched: ${share(sum, all())}, ${figure(sum, unit())}`;
}

function searchFor(name) {
  element('search').value = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  changeSearch();
}

function changeSearch() {
  state.search = element('search').value;
  search();
  redraw();
}

// --- what the user does

function zoom(node) {
  state.zoom = node;
  state.chosen = node;
  show();
}

function back() {
  if (state.zoom !== 0) {
    state.zoom = 0;
    show();
  } else if (state.only !== null) {
    state.only = null;
    rebuild();
  } else if (state.search) {
    element('search').value = '';
    changeSearch();
  }
}

function only() {
  if (state.chosen <= 0) return;
  state.only = nameOf(state.chosen).name;
  rebuild();
}

function turn(what) {
  state[what] = !state[what];
  if (what === 'unchanged') return weigh();
  if (what !== 'up') return rebuild();
  show();
  requestAnimationFrame(() => {
    element('scroller').scrollTop = state.up ? element('scroller').scrollHeight : 0;
    redraw();
  });
}

function move(node) {
  if (node < 0 || !(tree.width[node] > 0)) return;
  state.chosen = node;
  state.pointed = -1;
  const y = drawing.top(tree.depth[node], state.up), seen = element('scroller').clientHeight;
  if (y < 0 || y + ROW > seen) element('scroller').scrollTop += y < 0 ? y : y + ROW - seen;
  show();
}

function beside(node, step) {
  const siblings = node > 0 ? tree.childrenOf(tree.parent[node]) : [];
  const at = siblings.indexOf(node) + step;
  return at >= 0 && at < siblings.length ? siblings[at] : -1;
}

function graphKey(key) {
  const node = Math.max(0, state.chosen), inward = tree.childrenOf(node), outward = tree.parent[node];
  switch (key) {
    case 'ArrowDown': return move(state.up ? outward : inward.length ? inward[0] : -1);
    case 'ArrowUp': return move(state.up ? (inward.length ? inward[0] : -1) : outward);
    case 'ArrowLeft': return move(beside(node, -1));
    case 'ArrowRight': return move(beside(node, 1));
    case 'Home': return move(0);
    case 'Enter': case ' ': return zoom(node);
  }
  return null;
}

const KEYS = { r: () => turn('reversed'), i: () => turn('up'), l: () => turn('lines'), f: only, Escape: back,
               '/': () => element('search').focus() };

function listen() {
  const canvas = element('canvas');
  const under = (event) => drawing.at(event.offsetX, event.offsetY);
  const point = (node) => {
    if (node === state.pointed) return;
    state.pointed = node;
    show();
  };
  canvas.addEventListener('mousemove', (event) => point(under(event)));
  canvas.addEventListener('mouseleave', () => point(-1));
  canvas.addEventListener('click', (event) => under(event) >= 0 && zoom(under(event)));
  canvas.addEventListener('keydown', (event) => {
    if (!/^(Arrow|Home$|Enter$| $)/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    graphKey(event.key);
  });
  listenToKeys(KEYS, canvas);
  element('scroller').addEventListener('scroll', redraw);
  new ResizeObserver(redraw).observe(element('scroller'));
  element('search').addEventListener('input', changeSearch);
  element('measure').addEventListener('change', (event) => {
    state.measure = Number(event.target.value);
    weigh();
  });
  element('reverse').addEventListener('click', () => turn('reversed'));
  element('flame').addEventListener('click', () => turn('up'));
  element('lines').addEventListener('click', () => turn('lines'));
  element('unchanged').addEventListener('click', () => turn('unchanged'));
  element('only').addEventListener('click', only);
  element('back').addEventListener('click', back);
  for (const [id, byTotal] of [['by-self', false], ['by-total', true]]) {
    element(id).addEventListener('click', () => {
      state.byTotal = byTotal;
      listLargest();
    });
  }
}

function legend() {
  const { modules, other, change: changes } = profile.colours;
  const entries = profile.compared ? [['grew', 1], ['unchanged', 0], ['shrank', -1]].map(([text, share_]) => [text, changeColour(changes, share_)])
    : [...modules.map((colour, at) => [profile.modules[at], colour]),
      [profile.modules.length > modules.length ? 'others' : profile.modules.includes('') ? 'in no file' : '', other]];
  for (const [text, colour] of entries) {
    if (!text) continue;
    const entry = make('li', text);
    entry.style.setProperty('--colour', colour);
    element('modules').append(entry);
  }
}

function start() {
  head(profile.title);
  profile.notes.forEach((note) => element('notes').append(make('div', note)));
  profile.measures.forEach((measure, at) => element('measure').append(make('option', measure.name, { value: at })));
  state.measure = profile.first;
  element('measure').value = state.measure;
  element('unchanged').hidden = !profile.compared;
  element('holders').hidden = !holders;
  legend();
  tree = new Tree(profile, state);
  listenToTheme(redraw);
  weigh();
  listen();
}

start();

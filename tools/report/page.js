// SPDX-License-Identifier: MIT
//
// What can be done with the page.

const recording = data;
const FIRST_SHOWN = 8, TOLD = 12;
const MEASURES = [['live', 'Live', 'bytes'], ['most', 'Highest live', 'bytes'], ['heap', 'Heap resident', 'bytes'], ['rss', 'RSS', 'bytes'],
                  ['rate', 'Allocations a second', 'count'], ['speed', 'Bytes allocated a second', 'bytes']];
const ALONE = ['live', 'heap', 'rss'];  // what is drawn of one process alone

const { lives, from, until, gaps } = recording;
lives.forEach((life, at) => Object.assign(life, { at, colour: colourOf(at), dash: dashOf(at), end: life.ended || life.t[life.t.length - 1] }));
const state = { measure: 0, stacked: false, zero: true, shown: new Set(), alone: null, from, until, pointed: null, drag: null, search: '' };
const chart = new Chart(element('chart')), codeChart = new Chart(element('code-chart'));

const unit = () => (state.alone ? 'bytes' : MEASURES[state.measure][2]);

// --- what is drawn

function curves() {
  if (state.alone) {
    return ALONE.map((key, at) => ({ t: state.alone.t, v: state.alone[key], end: state.alone.end, colour: colourOf(at), dash: [], strong: key === 'live',
                                     name: MEASURES.find(([each]) => each === key)[1] }));
  }
  const key = MEASURES[state.measure][0];
  return lives.filter((life) => state.shown.has(life.at))
    .map((life) => ({ t: life.t, v: life[key], end: life.end, colour: life.colour, dash: life.dash, strong: life.grows, name: life.label }));
}

function codeCurves({ code }) {
  const series = code.names.map((name, at) => ({ name, v: code.bytes[at] })).concat([{ name: 'other code, and what is older than its telling', v: code.others }]);
  return series.map(({ name, v }, at) => ({ name, v, t: code.t, end: state.alone.end, colour: at === series.length - 1 ? '#999999' : colourOf(at), dash: [] }));
}

const redraw = oncePerFrame(() => {
  const { from: start, until: end, pointed, drag, zero } = state, view = { gaps, from: start, until: end, pointed, unit: unit(), zero };
  chart.draw({ ...view, curves: curves(), stacked: state.stacked && !state.alone, drag });
  if (state.alone && state.alone.code && !state.alone.code.untold) codeChart.draw({ ...view, curves: codeCurves(state.alone), stacked: true, unit: 'bytes', drag: null });
  tell();
});

function tell() {
  const box = element('told'), time = state.pointed === null ? state.until : state.pointed, all = curves();
  const rows = all.map((curve) => ({ curve, value: valueAt(curve, time, gaps) })).filter(({ value }) => value !== null);
  if (!state.alone) rows.sort((a, b) => b.value - a.value);
  const sum = rows.reduce((total, { value }) => total + value, 0);
  box.replaceChildren(make('b', `${day(time)} ${clock(time)}: ${state.alone ? state.alone.label : `${rows.length} ${rows.length === 1 ? 'process' : 'processes'}, together ${figure(sum, unit())}`}`));
  for (const { curve, value } of rows.slice(0, TOLD)) {
    const row = make('div', `${figure(value, unit())}  ${curve.name}`, { title: curve.name });
    row.style.setProperty('--colour', curve.colour);
    box.append(row);
  }
  if (rows.length > TOLD) box.append(make('div', `and ${rows.length - TOLD} more`));
}

// --- the list

function spark(life) {
  const canvas = make('canvas', '', { width: 180, height: 52, 'aria-hidden': 'true' }), context = canvas.getContext('2d');
  const high = Math.max(...life.most, 1), low = Math.min(...life.live, high);
  const y = (value) => 48 - (value - low) / Math.max(high - low, high * 0.02) * 44;
  context.strokeStyle = life.colour;
  context.lineWidth = 3;
  context.beginPath();
  life.t.forEach((time, at) => context.lineTo((time - from) / Math.max(1e-9, until - from) * 176 + 2, y(life.most[at])));
  context.stroke();
  return canvas;
}

function row(life) {
  const made = document.createElement('tr'), box = make('input', '', { type: 'checkbox', 'aria-label': `show ${life.label}` });
  const [shown, name, graph, amount] = ['td', 'td', 'td', 'td'].map((tag) => document.createElement(tag));
  const button = make('button', life.label, { title: `${life.command || life.label}\nalone, and its code` });
  box.addEventListener('change', () => { box.checked ? state.shown.add(life.at) : state.shown.delete(life.at); update(); });
  button.addEventListener('click', () => { state.alone = state.alone === life ? null : life; update(); });
  shown.append(box);
  name.className = 'colour';
  name.style.setProperty('--colour', life.colour);
  name.append(button, make('small', life.words, { class: life.alarm ? 'alarm' : '' }));
  graph.append(spark(life));
  amount.textContent = figure(life.live[life.live.length - 1], 'bytes');
  made.append(shown, name, graph, amount);
  Object.assign(life, { row: made, box });
  return made;
}

function update() {
  for (const life of lives) {
    life.box.checked = state.shown.has(life.at);
    life.row.hidden = !life.label.toLowerCase().includes(state.search) && !life.command.toLowerCase().includes(state.search);
    life.row.classList.toggle('alone', life === state.alone);
  }
  element('back').disabled = !state.alone && state.from === from && state.until === until;
  element('measure').disabled = element('stacked').disabled = state.alone !== null;
  element('stacked').setAttribute('aria-pressed', state.stacked);
  element('zero').setAttribute('aria-pressed', state.zero);
  const code = state.alone && state.alone.code;
  element('code').hidden = !code;
  if (code) {
    element('code-title').textContent = `Which code held it: ${state.alone.label}${code.untold ? `: not told, ${code.untold}` : ''}`;
    element('code-chart').hidden = element('code-names').hidden = Boolean(code.untold);
  }
  if (code && !code.untold) {
    element('code-names').replaceChildren(...codeCurves(state.alone).map((curve) => {
      const entry = make('li', `${figure(curve.v[curve.v.length - 1], 'bytes')}  ${curve.name}`, { title: curve.name });
      entry.style.setProperty('--colour', curve.colour);
      return entry;
    }));
  }
  redraw();
}

// --- what the user does

function zoom(start, end) {
  const least = Math.min(until - from, Math.max(recording.interval * 2, 2));
  if (end - start < least) [start, end] = [(start + end - least) / 2, (start + end + least) / 2];
  const span = Math.min(end - start, until - from);
  state.from = Math.max(from, Math.min(start, until - span));
  state.until = state.from + span;
  update();
}

function zoomAround(time, factor) { zoom(time - (time - state.from) * factor, time + (state.until - time) * factor); }

function back() {
  if (state.from !== from || state.until !== until) zoom(from, until);
  else state.alone = null;
  update();
}

function show(which) {
  state.alone = null;
  state.shown = new Set(which.map((life) => life.at));
  update();
}

function press(name) {
  state[name] = !state[name];
  update();
}

const KEYS = {
  Escape: back, s: () => press('stacked'), z: () => press('zero'), '/': () => element('search').focus(),
  '+': () => zoomAround((state.from + state.until) / 2, 0.5), '-': () => zoomAround((state.from + state.until) / 2, 2),
  ArrowLeft: () => zoom(state.from - (state.until - state.from) / 5, state.until - (state.until - state.from) / 5),
  ArrowRight: () => zoom(state.from + (state.until - state.from) / 5, state.until + (state.until - state.from) / 5),
};

function listen() {
  const canvas = element('chart');
  const at = (event) => event.clientX - canvas.getBoundingClientRect().x;
  canvas.addEventListener('pointerdown', (event) => { canvas.setPointerCapture(event.pointerId); state.drag = [at(event), at(event)]; });
  canvas.addEventListener('pointermove', (event) => {
    state.pointed = Math.max(state.from, Math.min(state.until, chart.timeAt(at(event))));
    if (state.drag) state.drag[1] = at(event);
    redraw();
  });
  canvas.addEventListener('pointerup', () => {
    const drag = state.drag;
    state.drag = null;
    if (drag && Math.abs(drag[1] - drag[0]) > 4) zoom(chart.timeAt(Math.min(...drag)), chart.timeAt(Math.max(...drag)));
    redraw();
  });
  canvas.addEventListener('pointerleave', () => { state.pointed = null; redraw(); });
  canvas.addEventListener('dblclick', () => zoom(from, until));
  canvas.addEventListener('wheel', (event) => { event.preventDefault(); zoomAround(chart.timeAt(at(event)), event.deltaY > 0 ? 1.25 : 0.8); }, { passive: false });
  element('measure').addEventListener('change', (event) => { state.measure = Number(event.target.value); redraw(); });
  element('stacked').addEventListener('click', () => press('stacked'));
  element('zero').addEventListener('click', () => press('zero'));
  element('growing').addEventListener('click', () => show(lives.filter((life) => life.grows)));
  element('all').addEventListener('click', () => show(lives));
  element('back').addEventListener('click', back);
  element('search').addEventListener('input', (event) => { state.search = event.target.value.toLowerCase(); update(); });
  window.addEventListener('resize', redraw);
  listenToKeys(KEYS, canvas);
}

function start() {
  head(recording.title);
  recording.notes.forEach(([text, alarm]) => element('notes').append(make('div', text, { class: alarm ? 'alarm' : '' })));
  MEASURES.forEach(([, name], at) => element('measure').append(make('option', name, { value: at })));
  element('rows').append(...lives.map(row));
  element('more').textContent = recording.more;
  element('growing').disabled = !lives.some((life) => life.grows);
  lives.slice(0, FIRST_SHOWN).forEach((life) => state.shown.add(life.at));
  lives.filter((life) => life.grows || life.alarm).forEach((life) => state.shown.add(life.at));
  listen();
  update();
  listenToTheme(redraw);
}

start();

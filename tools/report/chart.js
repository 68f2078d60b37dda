// SPDX-License-Identifier: MIT
//
// Curves over time on a canvas: each a list of moments (seconds) and as many values. A curve is a step: what was read holds until
// the next reading.

const COLOURS = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#999999', '#ee8866'];
const DASHES = [[], [6, 3], [2, 2], [9, 3, 2, 3]];
const colourOf = (rank) => COLOURS[rank % COLOURS.length];
const dashOf = (rank) => DASHES[Math.floor(rank / COLOURS.length) % DASHES.length];

// The last index whose moment is no later; -1 before the first.
function indexAt(moments, time) {
  let low = 0, high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// None before it began, after it ended, and while nobody recorded.
function valueAt(curve, time, gaps) {
  if (!curve.t.length || time > curve.end || gaps.some(([from, until]) => time > from && time < until)) return null;
  const at = indexAt(curve.t, time);
  return at < 0 ? null : curve.v[at];
}

// Three to seven round figures from low to high.
function ticks(low, high, unit) {
  const base = unit === 'bytes' ? 2 : 10, steps = unit === 'bytes' ? [1] : [1, 2, 5];
  const least = (high - low) / 6;
  if (!(least > 0)) return [low];
  let step = base ** Math.floor(Math.log(least) / Math.log(base));
  for (let at = 0; step < least; ++at) step = steps[at % steps.length] * base ** (Math.floor(Math.log(least) / Math.log(base)) + Math.floor(at / steps.length));
  if (unit !== 'bytes') step = Math.max(step, 1e-9);
  const all = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) all.push(value);
  return all;
}

const TIME_STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
const two = (number) => String(number).padStart(2, '0');

function clock(time, withSeconds = true) {
  const date = new Date(1000 * time);
  return `${two(date.getHours())}:${two(date.getMinutes())}${withSeconds ? `:${two(date.getSeconds())}` : ''}`;
}
function day(time) { return new Date(1000 * time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }); }

const zoneAt = (time) => new Date(1000 * time).getTimezoneOffset() * 60;

// By the clock on the wall: when it is set, those further apart than an hour go with it; what it leaves out is passed over.
function timeTicks(from, until, room) {
  const step = TIME_STEPS.find((each) => (until - from) / each <= room) || Math.ceil((until - from) / room / 86400) * 86400;
  const zone = zoneAt(from), all = [];
  for (let wall = Math.ceil((from - zone) / step) * step; ; wall += step) {
    const shown = new Date(1000 * wall), hour = shown.getUTCHours();
    const date = step > 3600 ? new Date(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate(), hour) : new Date(1000 * (wall + zone));
    const time = date / 1000;
    if (!(time <= until)) return { all, step };
    if (time >= from && (step <= 3600 || date.getHours() === hour)) all.push(time);
  }
}

// With the zone where the clock had shown the same before it was set back.
function timeLabel(time, step) {
  const label = step >= 86400 || clock(time) === '00:00:00' ? day(time) : clock(time, step < 60);
  if (zoneAt(time) <= zoneAt(time - 3600)) return label;
  return `${label} ${new Date(1000 * time).toLocaleTimeString('en-GB', { timeZoneName: 'short' }).split(' ').pop()}`;
}

class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false });
    this.left = 64;
    this.view = null;
  }

  xOf(time) { return this.left + (time - this.view.from) / (this.view.until - this.view.from) * (this.width - this.left - 8); }
  timeAt(x) { return this.view.from + (x - this.left) / (this.width - this.left - 8) * (this.view.until - this.view.from); }
  yOf(value) { return this.bottom - (value - this.low) / (this.high - this.low) * (this.bottom - this.top); }

  // view: curves ({ t, v, end, colour, dash, strong }), gaps, from, until, unit, stacked, zero, pointed (a time or null), drag ([x, x]).
  draw(view) {
    this.view = view;
    const { canvas, context } = this, scale = window.devicePixelRatio || 1;
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    if (canvas.width !== Math.round(this.width * scale) || canvas.height !== Math.round(this.height * scale)) {
      canvas.width = Math.round(this.width * scale);
      canvas.height = Math.round(this.height * scale);
    }
    const style = getComputedStyle(document.documentElement);
    this.ink = Object.fromEntries(['paper', 'ink', 'faint', 'line', 'grid', 'mark', 'panel'].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = this.ink.paper;
    context.fillRect(0, 0, this.width, this.height);
    context.font = '11px system-ui, sans-serif';
    this.top = 10;
    this.bottom = this.height - 22;
    this.measure();
    this.axes();
    context.save();
    context.beginPath();
    context.rect(this.left, 0, this.width - this.left - 8, this.bottom + 1);
    context.clip();
    view.stacked ? this.areas() : view.curves.forEach((curve) => this.line(curve));
    this.pointer();
    context.restore();
  }

  // The columns of which something is seen, one a pixel.
  sums() {
    const { curves, gaps } = this.view, columns = Math.max(2, Math.round(this.width - this.left - 8)), below = new Float64Array(columns);
    const times = Array.from({ length: columns }, (_, at) => this.view.from + at / (columns - 1) * (this.view.until - this.view.from));
    return curves.map((curve) => ({ curve, times, low: Float64Array.from(below), high: times.map((time, at) => below[at] += valueAt(curve, time, gaps) || 0) }));
  }

  measure() {
    const { curves, from, until, stacked, zero } = this.view;
    let low = Infinity, high = -Infinity;
    if (stacked) {
      this.layers = this.sums();
      low = 0;
      high = this.layers.length ? Math.max(...this.layers[this.layers.length - 1].high) : 0;
    } else {
      for (const { t, v, end } of curves) {
        if (end < from) continue;
        for (let at = Math.max(0, indexAt(t, from)); at < t.length && t[at] <= until; ++at) {
          low = Math.min(low, v[at]);
          high = Math.max(high, v[at]);
        }
      }
    }
    if (!(high >= low)) [low, high] = [0, 1];
    if (zero || stacked) low = Math.min(0, low);
    if (high <= low) high = low + 1;
    const room = (high - low) * 0.04;
    // What is never less than nothing has no axis below it.
    [this.low, this.high] = [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
  }

  axes() {
    const { context, ink, view } = this;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const value of ticks(this.low, this.high, view.unit)) {
      const y = Math.round(this.yOf(value)) + 0.5;
      context.strokeStyle = ink.grid;
      context.beginPath();
      context.moveTo(this.left, y);
      context.lineTo(this.width - 8, y);
      context.stroke();
      context.fillStyle = ink.faint;
      context.fillText(figure(value, view.unit), this.left - 6, y);
    }
    context.textAlign = 'center';
    const { all, step } = timeTicks(view.from, view.until, Math.max(2, (this.width - this.left) / 90));
    for (const time of all) {
      const x = Math.round(this.xOf(time)) + 0.5, midnight = clock(time) === '00:00:00';
      context.strokeStyle = midnight ? ink.line : ink.grid;
      context.beginPath();
      context.moveTo(x, this.top);
      context.lineTo(x, this.bottom);
      context.stroke();
      const label = timeLabel(time, step), half = context.measureText(label).width / 2;
      // The last one ends where the canvas does.
      context.fillText(label, Math.min(x, this.width - half - 1), this.bottom + 11);
    }
    context.fillStyle = ink.panel;
    for (const [from, until] of view.gaps) {
      const x = Math.max(this.left, this.xOf(from)), end = Math.min(this.width - 8, this.xOf(until));
      if (end > x) context.fillRect(x, this.top, end - x, this.bottom - this.top);
    }
  }

  line(curve) {
    const { context, view } = this, { t, v } = curve;
    context.strokeStyle = curve.colour;
    context.lineWidth = curve.strong ? 2.5 : 1.4;
    context.setLineDash(curve.dash);
    context.beginPath();
    let y = null;
    for (let at = Math.max(0, indexAt(t, view.from)); at < t.length; ++at) {
      const x = this.xOf(t[at]), broken = at > 0 && view.gaps.some(([from, until]) => t[at - 1] <= from && t[at] >= until);
      if (y === null || broken) context.moveTo(x, this.yOf(v[at]));
      else {
        context.lineTo(x, y);
        context.lineTo(x, this.yOf(v[at]));
      }
      y = this.yOf(v[at]);
      if (t[at] > view.until) break;
    }
    if (y !== null && t.length) context.lineTo(this.xOf(Math.max(curve.end, t[t.length - 1])) + (t.length === 1 ? 2 : 0), y);
    context.stroke();
    context.setLineDash([]);
  }

  areas() {
    const { context } = this;
    for (const { curve, times, low, high } of this.layers) {
      context.fillStyle = curve.colour;
      context.globalAlpha = 0.75;
      context.beginPath();
      times.forEach((time, at) => context.lineTo(this.xOf(time), this.yOf(high[at])));
      for (let at = times.length - 1; at >= 0; --at) context.lineTo(this.xOf(times[at]), this.yOf(low[at]));
      context.fill();
      context.globalAlpha = 1;
    }
  }

  pointer() {
    const { context, view, ink } = this;
    if (view.drag) {
      context.fillStyle = ink.mark;
      context.globalAlpha = 0.15;
      context.fillRect(Math.min(...view.drag), this.top, Math.abs(view.drag[1] - view.drag[0]), this.bottom - this.top);
      context.globalAlpha = 1;
    }
    if (view.pointed === null) return;
    const x = Math.round(this.xOf(view.pointed)) + 0.5;
    context.strokeStyle = ink.faint;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, this.top);
    context.lineTo(x, this.bottom);
    context.stroke();
    if (view.stacked) return;
    for (const curve of view.curves) {
      const value = valueAt(curve, view.pointed, view.gaps);
      if (value === null) continue;
      context.fillStyle = curve.colour;
      context.beginPath();
      context.arc(x, this.yOf(value), 3, 0, 7);
      context.fill();
    }
  }
}

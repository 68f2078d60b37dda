// SPDX-License-Identifier: MIT
//
// The graph on its canvas. The canvas is as large as what is seen of it, and only what is wide enough to be seen is visited, so
// that a redraw costs the same whatever the tree holds.

const ROW = 18, NARROWEST = 0.7, PAD = 4;

// The smallest change can be told from none.
function changeColour([shrank, same, grew], share) {
  const end = share > 0 ? grew : shrank, depth = share === 0 ? 0 : 0.15 + 0.85 * Math.min(1, Math.abs(share));
  return `rgb(${same.map((from, at) => Math.round(from + (end[at] - from) * depth)).join(',')})`;
}

class Drawing {
  constructor(canvas, scroller, extent) {
    Object.assign(this, { canvas, scroller, extent, boxes: [] });
    this.context = canvas.getContext('2d', { alpha: false });
  }

  // view: tree, zoom (a node), up, unit, matched (names that a search found, or null), chosen and pointed (nodes or -1).
  draw(view) {
    const { scroller, canvas, context } = this, { tree } = view;
    const width = scroller.clientWidth, height = scroller.clientHeight, scale = window.devicePixelRatio || 1;
    this.height = Math.max(height, (tree.deepest + 1) * ROW);
    this.extent.style.height = `${this.height}px`;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.height = `${height}px`;
    }
    const style = getComputedStyle(document.documentElement);
    this.ink = Object.fromEntries(['paper', 'mark', 'rest', 'faint'].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = this.ink.paper;
    context.fillRect(0, 0, width, height);
    context.font = '12px ui-monospace, "DejaVu Sans Mono", monospace';
    context.textBaseline = 'middle';
    this.letter = context.measureText('M').width;
    this.boxes = [];
    this.walk(view, width, height);
  }

  top(depth, up) { return (up ? this.height - (depth + 1) * ROW : depth * ROW) - this.scroller.scrollTop; }

  walk(view, width, height) {
    const { tree, zoom, up } = view;
    const from = tree.left[zoom], perUnit = tree.width[zoom] > 0 ? width / tree.width[zoom] : 0;
    for (let node = tree.parent[zoom]; node >= 0; node = tree.parent[node]) {
      this.box(view, node, 0, this.top(tree.depth[node], up), width, true);
    }
    const todo = [zoom];
    while (todo.length) {
      const node = todo.pop(), y = this.top(tree.depth[node], up);
      if (up ? y < -ROW : y > height) continue;  // what is further inward is out of sight too
      const x = (tree.left[node] - from) * perUnit;
      if (y > -ROW && y < height) this.box(view, node, x, y, Math.min(tree.width[node] * perUnit, width - x), false);
      const children = tree.childrenOf(node);
      const narrow = children.findIndex((child) => tree.width[child] * perUnit < NARROWEST);  // and all after it: the widest is first
      for (const child of narrow < 0 ? children : children.subarray(0, narrow)) todo.push(child);
      if (narrow >= 0) this.rest(tree, children.subarray(narrow), from, perUnit, this.top(tree.depth[node] + 1, up));
    }
  }

  // Those that are too narrow, as one.
  rest(tree, nodes, from, perUnit, y) {
    const { context } = this, last = nodes[nodes.length - 1];
    const x = (tree.left[nodes[0]] - from) * perUnit, width = (tree.left[last] + tree.width[last] - from) * perUnit - x;
    if (width < NARROWEST) return;
    context.fillStyle = this.ink.rest;
    context.fillRect(x, y + 1, width, ROW - 3);
    const text = `${nodes.length} narrow ones`;
    if (text.length * this.letter > width - 2 * PAD) return;
    context.fillStyle = this.ink.faint;
    context.fillText(text, x + PAD, y + ROW / 2);
  }

  box(view, node, x, y, width, outside) {
    const { context } = this, { tree } = view;
    const name = tree.names[tree.name[node]];
    const faded = outside || (view.matched && !(node && view.matched[tree.name[node]]));
    context.globalAlpha = faded ? 0.35 : 1;
    context.fillStyle = this.colour(view, node, name);
    const inner = Math.max(0.5, width - (width > 3 ? 1 : 0.2));
    context.fillRect(x, y, inner, ROW - 1);
    context.globalAlpha = 1;
    if (node === view.chosen || node === view.pointed) {
      context.strokeStyle = this.ink.mark;
      context.lineWidth = node === view.chosen ? 2.5 : 1.5;
      context.strokeRect(x + 1, y + 1, Math.max(1, inner - 2), ROW - 3);
    }
    this.boxes.push({ node, x, y, width });
    this.label(view, node, name, x, y, inner, faded);
  }

  colour(view, node, name) {
    const { tree } = view;
    const { colours, compared } = tree.profile;
    if (!compared) return (node && tree.profile.modules[name.module] && colours.modules[name.module]) || colours.other;
    return changeColour(colours.change, tree.larger[node] > 0 ? (tree.after[node] - tree.before[node]) / tree.larger[node] : 0);
  }

  label(view, node, name, x, y, width, faded) {
    const letters = Math.floor((width - 2 * PAD) / this.letter);
    if (letters < 3) return;
    const text = view.label(node, letters);
    const { context } = this;
    context.fillStyle = faded ? (this.ink.paper === '#ffffff' ? '#555555' : '#cccccc') : '#111111';
    const shown = text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
    // Letters that are wider than others must not run into the next box.
    context.fillText(shown, x + PAD, y + ROW / 2, width - 2 * PAD);
  }

  // The node at a point of the canvas, or -1.
  at(x, y) {
    const found = this.boxes.find((box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + ROW);
    return found ? found.node : -1;
  }
}

// SPDX-License-Identifier: MIT
//
// The tree that is shown, made of the stacks as they were read: whole or of one function alone, from the outermost
// function inward or from what allocates outward, a frame for each function or for each line. In columns, and without
// recursion: it may have a million nodes, and be as deep as a stack. Node 0 is the root; a parent comes before its children.

// Of each frame what it is shown as: equal numbers become one.
function nameFrames(profile, lines) {
  const names = [], known = new Map();
  const of = profile.frames.map(([name, module, file, line, brief]) => {
    const place = file ? `${file}${line ? `:${line}` : ''}` : '';
    // Made at run time, it is told apart by its script.
    const key = JSON.stringify([name, module, lines ? place : profile.modules[module] ? '' : file]);
    if (!known.has(key)) {
      known.set(key, names.length);
      names.push({ name, module, place, brief: (brief || name) + (lines && place ? ` ${place.split('/').pop()}` : '') });
    }
    const shown = names[known.get(key)];
    if (shown.place !== place) shown.place = file;  // several lines of it
    return known.get(key);
  });
  return { names, of };
}

class Tree {
  constructor(profile, { lines, reversed, only }) {
    const { names, of } = nameFrames(profile, lines);
    Object.assign(this, { profile, names, parent: [-1], name: [-1], depth: [0] });
    this.known = new Map();
    const alone = only === null ? null : names.map((each) => each.name === only);
    const there = profile.parents.length;
    const name = new Int32Array(there).fill(-1);
    for (let node = 1; node < there; ++node) name[node] = of[profile.nodeFrames[node]];
    this.ends = reversed ? this.addReversed(name, alone) : this.addForward(name, alone);
    // Where each stack allocates: of those that are turned round that is at the root.
    this.own = reversed ? this.ends.map((node) => this.belowRoot(node)) : this.ends;
    this.known = null;
    this.gatherChildren();
  }

  child(node, name) {
    const key = node * (this.names.length + 1) + name;
    let found = this.known.get(key);
    if (found === undefined) {
      found = this.parent.length;
      this.known.set(key, found);
      this.parent.push(node);
      this.name.push(name);
      this.depth.push(this.depth[node] + 1);
    }
    return found;
  }

  // Where each stack ends; -1 where `alone` is not in it. With it, a stack begins at its outermost frame of that name.
  addForward(name, alone) {
    const shown = new Int32Array(name.length).fill(alone === null ? 0 : -1);
    for (let node = 1; node < name.length; ++node) {
      const above = shown[this.profile.parents[node]];
      if (above >= 0) shown[node] = this.child(above, name[node]);
      else if (alone[name[node]]) shown[node] = this.child(0, name[node]);
    }
    return this.profile.stacks.map(([node]) => shown[node]);
  }

  // With `alone`, from its innermost frame outward.
  addReversed(name, alone) {
    return this.profile.stacks.map(([end]) => {
      let at = alone === null ? 0 : -1;
      for (let node = end; node > 0; node = this.profile.parents[node]) {
        if (at < 0 && alone[name[node]]) at = 0;
        if (at >= 0) at = this.child(at, name[node]);
      }
      return at;
    });
  }

  belowRoot(node) {
    while (node > 0 && this.parent[node] > 0) node = this.parent[node];
    return node;
  }

  gatherChildren() {
    const size = this.parent.length;
    this.firstChild = new Int32Array(size + 1);
    for (let node = 1; node < size; ++node) ++this.firstChild[this.parent[node] + 1];
    for (let node = 0; node < size; ++node) this.firstChild[node + 1] += this.firstChild[node];
    this.children = new Int32Array(size - 1);
    const next = this.firstChild.slice();
    for (let node = 1; node < size; ++node) this.children[next[this.parent[node]]++] = node;
  }

  // Itself, too; nothing is in -1, nor is that anywhere.
  isWithin(node, above) {
    while (node > above) node = this.parent[node];  // a parent has the smaller number
    return node === above && node >= 0;
  }

  childrenOf(node) { return this.children.subarray(this.firstChild[node], this.firstChild[node + 1]); }

  // By one measure: totals, and where each node lies, the widest of its siblings first. Of two readings a stack is as
  // wide as its change, whichever way it went, or with `unchanged` as the larger of both.
  weigh(measure, unchanged) {
    const { stacks, measures, compared } = this.profile;
    const size = this.parent.length;
    for (const column of ['width', 'after', 'before', 'larger', 'ownAfter', 'ownBefore', 'left']) this[column] = new Float64Array(size);
    this.ends.forEach((node, at) => {
      if (node < 0) return;
      const after = stacks[at][1 + measure];
      const before = compared ? stacks[at][1 + measures.length + measure] : 0;
      this.after[node] += after;
      this.before[node] += before;
      this.ownAfter[this.own[at]] += after;
      this.ownBefore[this.own[at]] += before;
      this.larger[node] += Math.max(after, before);
      this.width[node] += compared && !unchanged ? Math.abs(after - before) : Math.max(after, before);
    });
    for (let node = size - 1; node > 0; --node) {
      const above = this.parent[node];
      this.width[above] += this.width[node];
      this.larger[above] += this.larger[node];
      this.after[above] += this.after[node];
      this.before[above] += this.before[node];
    }
    this.deepest = 0;
    for (let node = 0; node < size; ++node) {
      if (this.width[node] > 0) this.deepest = Math.max(this.deepest, this.depth[node]);
      const children = this.childrenOf(node);
      if (children.length > 1) children.sort((a, b) => this.width[b] - this.width[a] || a - b);
      let left = this.left[node];
      for (const child of children) {
        this.left[child] = left;
        left += this.width[child];
      }
    }
  }

  // Of each function what it has itself, and what it has with all it calls: once, where it calls itself.
  byFunction() {
    const sums = this.names.map(() => ({ self: 0, selfBefore: 0, total: 0, totalBefore: 0 }));
    const outermost = this.outermost((node) => this.name[node], this.names.length);
    for (let node = 1; node < this.parent.length; ++node) {
      const sum = sums[this.name[node]];
      sum.self += this.ownAfter[node];
      sum.selfBefore += this.ownBefore[node];
      if (!outermost[node]) continue;
      sum.total += this.after[node];
      sum.totalBefore += this.before[node];
    }
    return sums;
  }

  // 1 for a node none of whose ancestors is of the same kind; kinds are numbers below `count`, -1 is none.
  outermost(kindOf, count) {
    const open = new Int32Array(count), mark = new Uint8Array(this.parent.length), way = [];
    const todo = [0];
    while (todo.length) {
      const node = todo.pop();
      while (way.length && way[way.length - 1] !== this.parent[node]) {
        const left = kindOf(way.pop());
        if (left >= 0) --open[left];
      }
      const kind = node ? kindOf(node) : -1;
      if (kind >= 0 && open[kind]++ === 0) mark[node] = 1;
      way.push(node);
      for (const child of this.childrenOf(node)) todo.push(child);
    }
    return mark;
  }
}

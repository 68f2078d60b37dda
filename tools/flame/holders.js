// SPDX-License-Identifier: MIT
//
// Who points at the blocks of a function's stacks, or of all that it calls. Rows of stacks are numbers in `profile.stacks`.

class Holders {
  constructor(profile) {
    this.asked = new Set(profile.holders.asked);
    this.pointers = profile.holders.pointers;
  }

  // Who has most pointers first, and about how many of its stacks that is known.
  of(tree, node) {
    const within = tree.ends.map((end) => tree.isWithin(end, node));
    const stacks = within.filter(Boolean).length;
    const asked = [...this.asked].filter((row) => within[row]).length;
    const sums = new Map();
    for (const [towards, from, pointers, row] of this.pointers) {
      if (!within[towards]) continue;
      const known = sums.get(from);
      if (known) known.pointers += pointers;
      else sums.set(from, { from, pointers, row });
    }
    return { rows: [...sums.values()].sort((a, b) => b.pointers - a.pointers), asked, stacks };
  }
}

// SPDX-License-Identifier: MIT
//
// What the page's script reads: a picture as JSON that can stand inside a <script> element.
//
//   title, notes, compared    whether there are two readings
//   modules                   names; the first have colours of their own
//   frames                    [name, module, file, line, brief name where that is another], …
//   parents, nodeFrames       of each node; the first is the root
//   measures                  [{name, unit}], only those of which there is anything
//   first                     the measure that is seen first
//   stacks                    [node, a value for each measure, and where two are compared, the earlier
//   values], …
//   holders                   null, or {asked: the stacks about which it was asked who points at their
//   blocks, pointers:
//                             [stack, from, how many, the stack that allocated what they are in, or -1], …}
//   colours                   of modules, and [shrank, same, grew] of changes
#pragma once

#include <string>

#include "flame/picture.h"

namespace heapmeter::cli::flame {

std::string data(const Picture &picture);

}  // namespace heapmeter::cli::flame

// SPDX-License-Identifier: MIT
//
// Colours of the pictures, of the page and of the SVG alike; black text is read on all of them; pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace heapmeter::cli::flame {

// Of the modules that hold most, in that order: Paul Tol's light scheme, told apart by the colour-blind too.
inline constexpr std::array kModuleColours = {"#77aadd", "#ee8866", "#eedd88", "#44bb99",
                                              "#ffaabb", "#bbcc33", "#99ddff", "#aaaa00"};
inline constexpr const char *kOtherColour = "#d5d5d5";

// From what shrank over what stayed to what grew.
using Rgb = std::array<int, 3>;
inline constexpr Rgb kShrank = {90, 160, 210}, kSame = {238, 238, 238}, kGrew = {214, 96, 77};

const char *module_colour(std::size_t rank);
// `share` of the larger reading: -1 is all of it gone, 1 all of it new.
std::string change_colour(double share);

}  // namespace heapmeter::cli::flame

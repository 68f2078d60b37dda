// SPDX-License-Identifier: MIT
//
// A JSON document parsed into nested std::maps, as many programs do with their requests: small strings and
// nodes, made in a burst and gone together.
#pragma once

#include <cstddef>

// So many times; returns how many values there were in all.
std::size_t json_into_map(std::size_t times);

// SPDX-License-Identifier: MIT
//
// What most unit tests include, compiled once; each of them includes what it uses all the same.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

// SPDX-License-Identifier: MIT
// Boost.JSON, compiled once here: Debian's header package is enough and nothing has to be linked.
#include <boost/json/src.hpp>

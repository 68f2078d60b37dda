// SPDX-License-Identifier: MIT
//
// Boost.JSON is used header-only; its definitions are here, once.
#include <boost/json/src.hpp>

// SPDX-License-Identifier: MIT
//
// Asio, Beast and JSON are compiled here, once; everywhere else their headers are declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
#include <boost/json/src.hpp>

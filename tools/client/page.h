// SPDX-License-Identifier: MIT
//
// The JSON of the meter's pages, taken apart: what is absent is 0 or empty (an older library), what is there
// and of the wrong type is no page of ours: NoAnswer (kStrange), with the page's name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace heapmeter::cli::page {

boost::json::object parse(std::string_view answer, const char *what);
[[noreturn]] void refuse(const std::string &why, const char *what);

std::uint64_t number(const boost::json::object &object, std::string_view name, const char *what);
// A name: the kernel's have 15 bytes, our own words some more; longer ones are refused, and
// what a terminal would obey is made visible.
std::string text(const boost::json::object &object, std::string_view name, const char *what);
inline constexpr std::size_t kLongestText = 64;
// A sentence, a path, or what somebody asked for, as it stands: "" when absent.
std::string long_text(const boost::json::object &object, std::string_view name, const char *what);
inline constexpr std::size_t kLongestLongText = 8192;
// Null when absent, or said to be null.
const boost::json::array *array(const boost::json::object &object, std::string_view name);
const boost::json::object *object(const boost::json::object &object, std::string_view name);
// An element of an array.
const boost::json::object &element(const boost::json::value &value, const char *what);

}  // namespace heapmeter::cli::page

// SPDX-License-Identifier: MIT
//
// The request target of RFC 9112, section 3.2: origin form (/users?x), absolute form (http://host/users), and
// the asterisk. What a server for itself cannot serve (authority form) is refused.
#pragma once

#include <string>
#include <string_view>

namespace demo {

// Writes the decoded path, without the query, to `path`; false for a target that is none.
bool decode_target(std::string_view target, std::string &path);

// Whether a Host field's value is a host and an optional port (RFC 9110, section 7.2); it may be empty.
bool is_host(std::string_view value);

}  // namespace demo

// SPDX-License-Identifier: MIT
//
// What a profile says of the whole process, and how it was taken: what every JSON of sites begins with; pure.
#pragma once

#include <boost/json/object.hpp>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

const char *mode_name(Mode mode);
boost::json::object head_json(const Profile &profile);

}  // namespace heapmeter::cli::sites

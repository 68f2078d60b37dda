// SPDX-License-Identifier: MIT
//
// What the path of a control group says of the container that a process is in; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli {

// The 64 digits that docker, podman, containerd and CRI-O have in such a part of a path; "" of any other.
std::string container_id(std::string_view part);
// As people call it: "docker 3f4a8c21d0b7", "machine web"; "" where the path says nothing.
std::string container_of(std::string_view path);

std::vector<std::string_view> parts_of_path(std::string_view path);

}  // namespace heapmeter::cli

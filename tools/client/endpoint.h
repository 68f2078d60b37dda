// SPDX-License-Identifier: MIT
//
// The sockets found in the directories, and the files dead processes left there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/socket_directory.h"

namespace heapmeter::cli {

// A socket that some process, living or not, listened at.
struct Endpoint {
  std::shared_ptr<const SocketDirectory> directory;
  std::string file;
  int pid = 0;                   // as the file is named: in the process's own pid namespace
  std::uint64_t start_time = 0;  // likewise

  std::string path() const { return directory->path() + "/" + file; }
  // The process as this namespace knows it; 0 when it does not, or when it is gone.
  int local_pid() const;
};

// PID-STARTTIME.sock, as the library writes it; false for any other name, with zeros in front as well.
bool parse_socket_name(const std::string &file, int &pid, std::uint64_t &start_time);

// Removes, on the way, what processes left that were killed while they made their sockets.
std::vector<Endpoint> endpoints_in(const std::shared_ptr<const SocketDirectory> &directory);
// Of all places that are to be trusted; `refused` has a line for each that is not.
std::vector<Endpoint> all_endpoints(std::vector<std::string> &refused);
std::vector<Endpoint> all_endpoints();

// Removes the file of a process that is gone; of anything that may still live it does nothing.
void remove_if_dead(const Endpoint &endpoint);

}  // namespace heapmeter::cli

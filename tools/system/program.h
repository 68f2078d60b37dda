// SPDX-License-Identifier: MIT
//
// From the word a user typed to the file the kernel would execute, as execvp(3) and the #! line have it.
#pragma once

#include <string>
#include <vector>

namespace heapmeter::cli {

// The path of the program; throws UserError with kNotFound or kNotExecutable, as env(1).
std::string find_program(const std::string &word);

// The files the kernel goes through: the program itself, or a script, its interpreter, and so on. env(1) in a
// #! line is followed to the program it starts.
std::vector<std::string> interpreter_chain(const std::string &path);

}  // namespace heapmeter::cli

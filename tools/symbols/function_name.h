// SPDX-License-Identifier: MIT
//
// Names of functions: from the linker's to the programmer's, and shorter; pure. Names come from files that
// anybody made: whatever is not understood stays as it is.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli::symbols {

// "_ZN4shop3addEi" → "shop::add(int)"; what is not mangled stays. Only where a crash or a gigabyte does no
// harm: the demangler is not ours.
std::string demangled(std::string_view name);

// What the programmer would have written: std::vector<int> without its allocator, std::string, no inline
// namespaces of the standard library, no marks of the compiler ([clone .cold], [abi:cxx11], Rust's hashes).
std::string short_name(std::string_view demangled);

// "int shop::add<int>(int) const" → "shop::add<int>": without result and parameters.
std::string_view qualified_name(std::string_view demangled);

}  // namespace heapmeter::cli::symbols

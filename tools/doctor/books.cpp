// SPDX-License-Identifier: MIT
#include "doctor/books.h"

#include <fmt/format.h>
#include <boost/json/value.hpp>

#include "text/format.h"
#include "text/sample_word.h"
#include "text/terminal.h"

namespace heapmeter::cli {
// An older library says neither.
Findings book_findings(const std::string &who, const boost::json::object &snapshot) {
  Findings found;
  const boost::json::value *blocks = snapshot.if_contains("uncounted_blocks");
  if (blocks != nullptr && blocks->is_int64() && blocks->get_int64() > 0) {
    const auto many = static_cast<std::uint64_t>(blocks->get_int64());
    found.push_back({Found::k_uncounted_blocks, "",
                     fmt::format("{} has {} that came while there was no memory to note {}: in no figure",
                                 who, format::counted(many, "block"), many == 1 ? "it" : "them"),
                     "allow it more addresses (ulimit -v, -d) or mappings (vm.max_map_count)"});
  }
  const boost::json::value *ledger = snapshot.if_contains("ledger");
  if (ledger != nullptr && ledger->is_string() && ledger->get_string() == "full") {
    found.push_back({Found::k_many_pieces, "",
                     who + " has its heap in too many pieces for heapmeter leaks; its figures are exact",
                     "allow it more addresses (ulimit -v), and start it anew"});
  }
  const boost::json::value *instead = snapshot.if_contains("sampling_instead");
  const boost::json::value *mode = snapshot.if_contains("sampling");
  if (instead != nullptr && instead->is_string() && mode != nullptr && mode->is_string()) {
    const std::string how = mode->get_string() == "off"
                                ? "does not tell which code allocates"
                                : "tells which code allocates by samples, not of every";
    const std::string reason(instead->get_string());
    found.push_back({Found::k_sampling_instead, "", fmt::format("{} {}: {}", who, how, printable(reason)),
                     what_helps_sampling(reason)});
  }
  return found;
}

}  // namespace heapmeter::cli

// SPDX-License-Identifier: MIT
#include "sites/wrong_calls.h"

#include <limits>
#include <set>
#include <string>

#include <boost/json/basic_parser_impl.hpp>

#include "client/page.h"

namespace heapmeter::cli::sites {
namespace {

namespace json = boost::json;
using Error = json::error_code;

constexpr const char *kPage = "a list of wrong calls";
constexpr std::size_t kMost = 1024, kNumbers = 3;

// What Boost.JSON's parser calls as it goes: all but one list is passed over.
class Handler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 8192;

  bool on_document_begin(Error &) { return true; }
  bool on_document_end(Error &) { return true; }
  bool on_object_begin(Error &) { return enter(); }
  bool on_object_end(std::size_t, Error &) { return leave(); }
  bool on_array_begin(Error &) {
    row_.clear();
    return enter();
  }
  bool on_array_end(std::size_t, Error &) {
    if (wanted_ && depth_ == 3) add();
    return leave();
  }
  bool on_key_part(json::string_view part, std::size_t, Error &) { return gather(part); }
  bool on_key(json::string_view part, std::size_t, Error &) {
    gather(part);
    if (depth_ == 1) wanted_ = key_ == "wrong_calls";
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Error &) { return true; }
  bool on_string(json::string_view, std::size_t, Error &) { return true; }
  bool on_number_part(json::string_view, Error &) { return true; }
  bool on_int64(std::int64_t value, json::string_view, Error &) { return number(value); }
  bool on_uint64(std::uint64_t, json::string_view, Error &) { return number(-1); }
  bool on_double(double, json::string_view, Error &) { return number(-1); }
  bool on_bool(bool, Error &) { return true; }
  bool on_null(Error &) { return true; }
  bool on_comment_part(json::string_view, Error &) { return true; }
  bool on_comment(json::string_view, Error &) { return true; }

  std::vector<Origin> calls;

 private:
  bool enter() { return ++depth_ > 0; }
  bool leave() { return --depth_ >= 0; }
  bool gather(json::string_view part) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool number(std::int64_t value) {
    if (wanted_ && depth_ == 3 && row_.size() <= kNumbers) row_.push_back(value);
    return true;
  }
  void add() {
    if (row_.size() != kNumbers) page::refuse("a wrong call is not three numbers", kPage);
    if (calls.size() == kMost) page::refuse("there are too many", kPage);
    for (const std::int64_t each : row_) {
      if (each < 0 || each > std::numeric_limits<std::uint32_t>::max())
        page::refuse("a number is none", kPage);
    }
    const auto at = [&](std::size_t place) { return static_cast<std::uint32_t>(row_[place]); };
    calls.push_back({at(0), at(1), at(2)});
  }

  int depth_ = 0;
  bool wanted_ = false;
  std::string key_;
  std::vector<std::int64_t> row_;
};

}  // namespace

std::vector<Origin> wrong_calls(std::string_view text, const Profile &profile) {
  json::basic_parser<Handler> parser{json::parse_options{}};
  Error error;
  parser.write_some(false, text.data(), text.size(), error);
  if (error) page::refuse(error.message(), kPage);
  for (const Origin &call : parser.handler().calls) {
    if (call.made > profile.nodes.size() || call.called > profile.nodes.size())
      page::refuse("one leads to a node that is not there", kPage);
  }
  return std::move(parser.handler().calls);
}

Profile only_these(const std::vector<Origin> &calls, const Profile &profile) {
  Profile only;
  only.pid = profile.pid;
  only.modules = profile.modules;
  only.nodes = profile.nodes;
  only.tags = profile.tags;
  std::set<std::uint32_t> leaves;
  for (const Origin &call : calls) leaves.insert({call.made, call.called});
  leaves.erase(0);
  for (const std::uint32_t leaf : leaves) only.sites.push_back({leaf, {}});
  return only;
}

}  // namespace heapmeter::cli::sites

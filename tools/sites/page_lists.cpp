// SPDX-License-Identifier: MIT
#include "sites/page_lists.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <string>

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>

#include "client/page.h"

namespace heapmeter::cli::sites {
namespace {

namespace json = boost::json;
using Error = json::error_code;

constexpr std::uint64_t kMostNodes = 1u << 30;
constexpr std::size_t kMostColumns = 64;
constexpr std::size_t kMostSites = 1u << 20;  // a library has room for no more
constexpr std::size_t kMostHeld = 1u << 20;   // nor for more samples
constexpr std::uint64_t kMostThreads = 1u << 30;
constexpr std::size_t kMostWrongCalls = 1024;
constexpr double kMostValue = 1e28;  // of a column that is no count: of all sites the square root is one
constexpr std::size_t kMostHeadFields = 200, kMostModules = 65536, kMostTags = 65536;

[[noreturn]] void refuse(const std::string &why) { page::refuse(why, kPageName); }

struct Number {
  std::uint64_t whole = 0;
  double value = 0;
  bool is_count = false;  // whole says all
  bool is_whole = true;   // without a fraction
};

std::uint64_t count(const Number &number) {
  if (!number.is_count) refuse("a number is not a count");
  return number.whole;
}

double measure(const Number &number) {
  if (!(number.value >= 0 && number.value <= kMostValue)) refuse("a number is no measure");
  return number.value;
}

using Column = void (*)(Site &site, const Number &number);
template <std::uint64_t Values::*field>
void set(Site &site, const Number &number) {
  site.values.*field = count(number);
}

constexpr std::pair<std::string_view, Column> kColumns[] = {
    {"leaf",
     [](Site &site, const Number &number) {
       if (count(number) > kMostNodes) refuse("a leaf is no node");
       site.leaf = static_cast<std::uint32_t>(number.whole);
     }},
    {"live_blocks", set<&Values::live_blocks>},
    {"live_bytes", set<&Values::live_bytes>},
    {"allocations", set<&Values::allocations>},
    {"allocated_bytes", set<&Values::allocated_bytes>},
    {"reallocations", set<&Values::reallocations>},
    {"peak_blocks", set<&Values::peak_blocks>},
    {"peak_bytes", set<&Values::peak_bytes>},
    {"temporary", set<&Values::temporary>},
    {"live_samples", set<&Values::live_samples>},
    {"age_ms", [](Site &site, const Number &number) { site.values.byte_ms = measure(number); }},
    {"oldest_ms", set<&Values::oldest_ms>},
    {"variance_bytes",
     [](Site &site, const Number &number) { site.values.variance_bytes = measure(number); }},
};

Column column_called(std::string_view name) {
  for (const auto &[known, column] : kColumns) {
    if (name == known) return column;
  }
  return [](Site &, const Number &) {};  // of a newer library
}

std::uint64_t address(const std::string &text) {
  std::uint64_t value = 0;
  const char *start = text.data() + (text.starts_with("0x") ? 2 : 0), *end = text.data() + text.size();
  const auto parsed = std::from_chars(start, end, value, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end) refuse("an address is none");
  return value;
}

// What Boost.JSON's parser calls as it goes; every function says that it may go on.
class Handler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 8192;

  bool on_document_begin(Error &) { return true; }
  bool on_document_end(Error &) { return true; }

  bool on_object_begin(Error &) {
    enter();
    if (list_ != List::kOther && !(list_ == List::kModules && depth_ >= 3)) refuse("an object is in its way");
    if (depth_ == 3) module_ = {};
    return true;
  }
  bool on_object_end(std::size_t, Error &) {
    if (list_ == List::kModules && depth_ == 3) {
      if (page.profile.modules.size() == kMostModules) refuse("too many modules");
      page.profile.modules.push_back(module_);
    }
    leave();
    return true;
  }
  bool on_array_begin(Error &) {
    enter();
    if (depth_ == 3 && !has_rows() && list_ != List::kOther) refuse("a list is in its way");
    if (depth_ == 4 && has_rows()) refuse("a row is not only numbers");
    if (depth_ == 3) row_size_ = 0;
    return true;
  }
  bool on_array_end(std::size_t, Error &) {
    if (depth_ == 3 && list_ == List::kNodes) add_node();
    if (depth_ == 3 && list_ == List::kSites) add_site();
    if (depth_ == 3 && list_ == List::kLifetimes) add_lifetime();
    if (depth_ == 3 && list_ == List::kThreads) add_thread();
    if (depth_ == 3 && list_ == List::kWrongCalls) add_wrong_call();
    leave();
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, Error &) { return gather(part); }
  bool on_key(json::string_view part, std::size_t, Error &) {
    gather(part);
    key_ = std::move(text_);
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Error &) { return gather(part); }
  bool on_string(json::string_view part, std::size_t, Error &) {
    gather(part);
    string(text_);
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view, Error &) { return true; }
  bool on_int64(std::int64_t value, json::string_view, Error &) {
    number({static_cast<std::uint64_t>(value), static_cast<double>(value), value >= 0, true}, value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, Error &) {
    number({value, static_cast<double>(value), true, true}, value);
    return true;
  }
  bool on_double(double value, json::string_view, Error &) {
    number({0, value, false, false}, value);
    return true;
  }
  bool on_bool(bool value, Error &) {
    no_number();
    head(value);
    return true;
  }
  bool on_null(Error &) {
    no_number();
    return true;
  }
  bool on_comment_part(json::string_view, Error &) { return true; }
  bool on_comment(json::string_view, Error &) { return true; }

  Page page;

 private:
  enum class List { kOther, kModules, kNodes, kColumns, kSites, kLifetimes, kThreads, kWrongCalls, kTags };

  bool gather(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  static List list_called(std::string_view key) {
    return key == "modules"        ? List::kModules
           : key == "nodes"        ? List::kNodes
           : key == "site_columns" ? List::kColumns
           : key == "sites"        ? List::kSites
           : key == "lifetimes"    ? List::kLifetimes
           : key == "threads"      ? List::kThreads
           : key == "wrong_calls"  ? List::kWrongCalls
           : key == "tags"         ? List::kTags
                                   : List::kOther;
  }
  bool has_rows() const {
    return list_ != List::kOther && list_ != List::kModules && list_ != List::kColumns &&
           list_ != List::kTags;
  }

  void enter() {
    if (++depth_ != 2) return;
    list_ = list_called(key_);
    // Of two one would be added to the other.
    if (list_ != List::kOther && !given_.insert(list_).second) refuse(fmt::format("'{}' comes twice", key_));
    if (list_ == List::kSites && columns_.empty()) refuse("'site_columns' are missing");
  }
  void leave() {
    if (--depth_ == 1) list_ = List::kOther;
  }

  void head(const json::value &value) {
    if (depth_ != 1) return;
    if (page.head.size() == kMostHeadFields) refuse("too many fields");
    if (list_called(key_) != List::kOther) refuse(fmt::format("'{}' is no list", key_));
    if (!page.head.emplace(key_, value).second) refuse(fmt::format("'{}' comes twice", key_));
  }

  // A row would be another without it.
  void no_number() const {
    if (has_rows()) refuse("a row is not only numbers");
    no_text();
  }
  void no_text() const {
    if (list_ == List::kColumns || list_ == List::kTags) refuse("a name is none");
    if (list_ == List::kModules && (depth_ == 2 || key_ == "path" || key_ == "build_id" || key_ == "start" ||
                                    key_ == "end" || key_ == "bias"))
      refuse("a module is not told as one");
  }

  void string(const std::string &text) {
    if (has_rows() || (list_ == List::kModules && depth_ == 2)) no_number();
    head(json::string(text));
    if (list_ == List::kColumns && depth_ == 2) add_column(text);
    if (list_ == List::kTags && depth_ == 2) add_tag(text);
    if (list_ != List::kModules || depth_ != 3) return;
    if (key_ == "path") module_.path = text;
    if (key_ == "build_id") module_.build_id = text;
    if (key_ == "start") module_.start = address(text);
    if (key_ == "end") module_.end = address(text);
    if (key_ == "bias") module_.bias = address(text);
  }

  void number(const Number &number, const json::value &value) {
    no_text();
    if (has_rows() && depth_ == 2) refuse("a row is no list");
    head(value);
    if (depth_ != 3 || !has_rows()) return;
    if (row_size_ == kMostColumns) refuse(fmt::format("a row has more than {} numbers", kMostColumns));
    row_[row_size_++] = number;
  }

  void add_column(const std::string &name) {
    if (columns_.size() == kMostColumns) refuse("too many columns");
    columns_.push_back(column_called(name));
    page.profile.has_peaks |= name == "peak_bytes";
    page.profile.has_temporary |= name == "temporary";
    page.profile.has_ages |= name == "age_ms";
  }

  // A parent has its row before.
  void add_node() {
    if (row_size_ != 3) refuse("a node is not three numbers");
    const std::size_t known = page.profile.nodes.size();
    if (known == kMostNodes) refuse("too many nodes");
    const std::uint64_t parent = count(row_[0]);
    if (parent > known) refuse("a node comes before its parent");
    const double module = row_[1].value;
    if (!(row_[1].is_whole && module >= kMark && module < kMostModules)) refuse("a node is in no module");
    page.profile.nodes.push_back(
        {static_cast<std::uint32_t>(parent), static_cast<int>(module), count(row_[2])});
  }

  void add_site() {
    if (row_size_ != columns_.size()) refuse("a site has not as many numbers as there are columns");
    if (page.profile.sites.size() == kMostSites) refuse("too many sites");
    Site site;
    for (std::size_t column = 0; column < row_size_; ++column) columns_[column](site, row_[column]);
    // It came as the age of a byte in the middle.
    site.values.byte_ms *= static_cast<double>(site.values.live_bytes);
    page.profile.sites.push_back(site);
  }

  void add_tag(const std::string &name) {
    if (page.profile.tags.size() == kMostTags) refuse("too many tags");
    page.profile.tags.push_back(name);
  }

  void add_lifetime() {
    if (row_size_ != 3) refuse("a lifetime is not three numbers");
    const std::uint64_t leaf = count(row_[0]), doubling = count(row_[1]);
    if (leaf > kMostNodes) refuse("a leaf is no node");
    if (doubling >= kMostDoublings) refuse("a lifetime has no end");
    page.profile.lifetimes.push_back(
        {static_cast<std::uint32_t>(leaf), static_cast<unsigned>(doubling), count(row_[2])});
  }

  void add_thread() {
    if (row_size_ != 6) refuse("what a thread holds is not six numbers");
    if (page.profile.held_by_threads.size() == kMostHeld) refuse("too much is told by thread");
    const std::uint64_t leaf = count(row_[0]), tid = count(row_[1]);
    if (leaf > kMostNodes) refuse("a leaf is no node");
    if (tid > kMostThreads) refuse("a thread has no such number");
    page.profile.held_by_threads.push_back({static_cast<std::uint32_t>(leaf), static_cast<std::uint32_t>(tid),
                                            count(row_[2]), count(row_[3]), count(row_[4]),
                                            measure(row_[5])});
  }

  void add_wrong_call() {
    if (row_size_ != 3) refuse("a wrong call is not three numbers");
    if (page.wrong_calls.size() == kMostWrongCalls) refuse("there are too many wrong calls");
    const std::uint64_t record = count(row_[0]), made = count(row_[1]), called = count(row_[2]);
    if (record >= kMostWrongCalls) refuse("a wrong call is none of the list");
    if (std::max(made, called) > kMostNodes) refuse("a leaf is no node");
    page.wrong_calls.push_back({static_cast<std::uint32_t>(record), static_cast<std::uint32_t>(made),
                                static_cast<std::uint32_t>(called)});
  }

  int depth_ = 0;
  List list_ = List::kOther;
  std::set<List> given_;
  std::string key_, text_;
  std::vector<Column> columns_;
  Number row_[kMostColumns];
  std::size_t row_size_ = 0;
  symbols::Module module_;
};

}  // namespace

Page parse_lists(std::string_view text) {
  json::basic_parser<Handler> parser{json::parse_options{}};
  Error error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error) refuse(error.message());
  if (read != text.size()) refuse("more comes behind it");
  return std::move(parser.handler().page);
}

}  // namespace heapmeter::cli::sites

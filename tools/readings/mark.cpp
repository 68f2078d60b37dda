// SPDX-License-Identifier: MIT
#include "readings/mark.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include <sys/utsname.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>
#include <boost/json/serialize.hpp>

#include "client/page.h"
#include "readings/merged.h"
#include "readings/rates.h"
#include "text/foreign_json.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr const char *kFormat = "heapmeter mark";
constexpr std::int64_t kSchema = 1;
constexpr std::size_t kMostMembers = 10'000;
constexpr double kLatest = 1e11;  // the year 5138

std::string host_name() {
  struct utsname names;
  return uname(&names) == 0 ? names.nodename : "";
}

[[noreturn]] void refuse(const std::string &where, const std::string &why) {
  throw UserError(fmt::format(
      "{} is neither a mark nor a report: {}; heapmeter mark NAME TARGET makes a mark", where, why));
}

[[noreturn]] void refuse_damaged(const std::string &where, const std::string &why) {
  throw UserError(
      fmt::format("{} is damaged: {}; remove it, and make another with heapmeter mark", where, why));
}

// A field of our own, which is never absent.
const json::value &field(const json::object &file, const char *name) {
  const json::value *found = file.if_contains(name);
  if (found == nullptr) throw std::runtime_error(fmt::format("'{}' is missing", name));
  return *found;
}

double time_of(const json::value &value) {
  if (!value.is_number()) throw std::runtime_error("'time' is not a number");
  const double time = value.to_number<double>();
  if (!(time >= 0 && time < kLatest)) throw std::runtime_error("'time' is no time");
  return time;
}

const json::object &page_of(const json::object &file, const char *name) {
  const json::object *page = field(file, name).if_object();
  if (page == nullptr) throw std::runtime_error(fmt::format("'{}' is not an object", name));
  return *page;
}

// What they are together is made anew from them.
void add_up(Mark &mark) {
  std::vector<const Reading *> readings;
  std::vector<const std::vector<SizeClass> *> classes;
  std::vector<const ThreadList *> threads;
  for (const Mark &each : mark.members) {
    readings.push_back(&each.reading);
    classes.push_back(&each.classes);
    threads.push_back(&each.threads);
  }
  mark.reading = merged(readings, mark.reading.name);
  mark.classes = merged(classes);
  mark.threads = merged(threads);
}

Mark from_object(json::object file);

void read_members(const json::object &file, Mark &mark) {
  page_of(file, "group");
  const json::array *members = page::array(file, "members");
  if (members == nullptr || members->empty()) throw std::runtime_error("'members' are missing");
  if (members->size() > kMostMembers) throw std::runtime_error("there are too many 'members'");
  for (const json::value &each : *members) {
    if (!each.is_object() || each.get_object().contains("group"))
      throw std::runtime_error("'members' are no marks");
    mark.members.push_back(from_object(each.get_object()));
  }
  const json::value &word = field(file, "process");
  if (!word.is_string()) throw std::runtime_error("'process' is not a text");
  mark.reading.name = std::string(word.get_string());
  add_up(mark);
}

Mark from_object(json::object file) {
  Mark mark;
  const auto text = [&](const char *name) {
    const json::string *found = field(file, name).if_string();
    if (found == nullptr) throw std::runtime_error(fmt::format("'{}' is not a text", name));
    return std::string(*found);
  };
  mark.name = text("name");
  mark.time = time_of(field(file, "time"));
  mark.host = text("host");
  mark.boot_id = text("boot_id");
  const json::value &pid = field(file, "local_pid");
  if (!pid.is_int64() || pid.get_int64() < 0 || !std::in_range<int>(pid.get_int64()))
    throw std::runtime_error("'local_pid' is not a process id");
  mark.local_pid = static_cast<int>(pid.get_int64());
  mark.socket = text("socket");
  if (file.contains("group")) {
    read_members(file, mark);
    mark.file = std::move(file);
    return mark;
  }
  mark.reading = reading_of(page_of(file, "snapshot"));
  mark.classes = size_classes_of(page_of(file, "sizes"));
  mark.threads = thread_list_of(page_of(file, "threads"));
  mark.file = std::move(file);
  return mark;
}

// The counters of all that a run started, in place of the one's; its pages are not theirs.
void sum_up(json::object &reading, const json::object &summary) {
  const json::value *value = summary.if_contains("sum");
  const json::object *sum = value == nullptr ? nullptr : value->if_object();
  const json::value *processes = sum == nullptr ? nullptr : sum->if_contains("processes");
  const auto count =
      processes == nullptr || !processes->is_number() ? 0 : processes->to_number<std::int64_t>();
  if (count < 2) return;
  for (auto &field : reading) {
    if (const json::value *summed = sum->if_contains(field.key())) field.value() = *summed;
  }
  reading.erase("pages");
  if (const json::value *name = reading.if_contains("name"); name != nullptr && name->is_string())
    reading["name"] = fmt::format("{} and {} more", std::string(name->get_string()), count - 1);
}

// What run --json wrote: the report, or the last reading, is in it.
json::object report_in_summary(const json::object &summary, const std::string &where) {
  if (const json::object *reading = summary.at("reading").if_object()) {
    json::object report = *reading;
    sum_up(report, summary);
    return report;
  }
  const json::value *why = summary.if_contains("why");
  const json::array *reasons = why == nullptr ? nullptr : why->if_array();
  const bool told = reasons != nullptr && !reasons->empty() && reasons->front().is_string();
  throw UserError(fmt::format("{} is the summary of a run that has no reading{}", where,
                              told ? ": " + std::string(reasons->front().get_string()) : ""));
}

bool looks_like_a_summary(const json::object &file) {
  return file.contains("command") && file.contains("source") && file.contains("reading");
}

bool looks_like_a_report(const json::object &file) {
  return file.contains("protocol") && file.contains("live_bytes") && !file.contains("format");
}

Mark from_report(json::object file) {
  Mark mark;
  mark.at_exit = true;
  mark.reading = reading_of(file);
  if (const json::value *time = file.if_contains("time")) mark.time = time_of(*time);
  const json::object *pages = page::object(file, "pages");
  mark.has_classes = pages != nullptr && pages->contains("sizes");
  mark.has_threads = pages != nullptr && pages->contains("threads");
  if (mark.has_classes) mark.classes = size_classes_of(page_of(*pages, "sizes"));
  if (mark.has_threads) mark.threads = thread_list_of(page_of(*pages, "threads"));
  mark.file = std::move(file);
  return mark;
}

}  // namespace

std::string Mark::process() const {
  if (!members.empty()) {
    return fmt::format("{}: {} process{}", reading.name, members.size(), members.size() == 1 ? "" : "es");
  }
  return fmt::format("{} ({})", reading.name, local_pid != 0 ? local_pid : reading.pid);
}

bool Mark::is_last_reading() const {
  const json::value *source = of_run.if_contains("source");
  return source != nullptr && *source == "reading";
}

std::string Mark::moment() const {
  if (is_last_reading()) return "as last read";
  return at_exit ? "at its exit" : "";
}

Mark take_mark(const Target &target, const std::string &name, std::chrono::milliseconds patience) {
  const auto page = [&](const char *path, const char *what) {
    return ask_target(target, path, patience, [&](std::string_view text) { return page::parse(text, what); });
  };
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  json::object file = {{"format", kFormat},
                       {"schema", kSchema},
                       {"name", name},
                       {"time", now},
                       {"host", host_name()},
                       {"boot_id", this_boot()},
                       {"local_pid", target.local_pid},
                       {"socket", target.endpoint.path()},
                       {"snapshot", page(HEAPMETER_PATH_SNAPSHOT, "a snapshot")},
                       {"sizes", page(HEAPMETER_PATH_SIZES, "a list of size classes")},
                       {"threads", page(HEAPMETER_PATH_THREADS, "a list of threads")}};
  Mark mark = ask_target(target, HEAPMETER_PATH_SNAPSHOT, patience, [&](std::string_view last) {
    Mark made = from_object(std::move(file));
    // The pages are of one program only when the counters went on to the last of them.
    if (!goes_on(made.reading, parse_reading(last)))
      throw UserError(fmt::format("{} started another program meanwhile; try again", target.label()));
    return made;
  });
  return mark;
}

Mark group_mark(std::vector<Mark> members, const std::string &name, const std::string &word,
                json::object group) {
  Mark mark;
  mark.name = name;
  mark.time = members.front().time;
  mark.host = members.front().host;
  mark.boot_id = members.front().boot_id;
  mark.reading.name = word;
  json::array pages;
  for (const Mark &each : members) pages.push_back(each.file);
  mark.members = std::move(members);
  add_up(mark);
  mark.file = {{"format", kFormat},
               {"schema", kSchema},
               {"name", name},
               {"time", mark.time},
               {"host", mark.host},
               {"boot_id", mark.boot_id},
               {"local_pid", 0},
               {"socket", ""},
               {"process", word},
               {"group", std::move(group)},
               {"members", std::move(pages)}};
  return mark;
}

Mark parse_mark(std::string_view text, const std::string &where) {
  if (text.empty()) refuse(where, "it is empty");
  std::string why;
  auto parsed = parse_foreign(text, why);
  if (!parsed && begins_as_mark(text)) refuse_damaged(where, "it is cut off, or was changed: " + why);
  json::value value = std::move(parsed).value_or(nullptr);
  json::object of_run;
  if (value.is_object() && looks_like_a_summary(value.get_object())) {
    of_run = std::move(value.get_object());
    value = report_in_summary(of_run, where);
  }
  const json::object *file = value.if_object();
  if (file != nullptr && looks_like_a_report(*file)) {
    try {
      Mark mark = from_report(std::move(value.get_object()));
      mark.of_run = std::move(of_run);
      return mark;
    } catch (const std::exception &failed) {
      throw UserError(fmt::format("{} is no report that can be read: {}", where, fault_of(failed)));
    }
  }
  const json::value *format = file == nullptr ? nullptr : file->if_contains("format");
  if (format == nullptr || *format != json::value(kFormat)) refuse(where, "it is some other file");
  const json::value *schema = file->if_contains("schema");
  if (schema == nullptr || !schema->is_int64()) refuse_damaged(where, "'schema' is missing");
  if (schema->get_int64() != kSchema) {
    throw UserError(
        fmt::format("{} is of schema {}, which heapmeter " HEAPMETER_VERSION
                    " does not understand (it reads {}); use a heapmeter of the version that made it",
                    where, schema->get_int64(), kSchema));
  }
  try {
    return from_object(std::move(value.get_object()));
  } catch (const std::exception &failed) {
    refuse_damaged(where, fault_of(failed));
  }
}

bool begins_as_mark(std::string_view text) {
  return text.starts_with(fmt::format("{{\"format\":\"{}\"", kFormat));
}

std::string this_boot() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id;
}

bool same_process(const Mark &one, const Mark &other) {
  // A group has other members from one moment to the next; one that stayed makes it the same.
  if (!one.members.empty() || !other.members.empty()) {
    return std::any_of(one.members.begin(), one.members.end(), [&](const Mark &each) {
      return std::any_of(other.members.begin(), other.members.end(),
                         [&](const Mark &now) { return same_process(each, now); });
    });
  }
  const bool same_boot = one.at_exit || other.at_exit
                             ? one.reading.counting_since_ns != 0 &&
                                   one.reading.counting_since_ns == other.reading.counting_since_ns
                             : one.boot_id == other.boot_id;
  return same_boot && one.reading.pid == other.reading.pid &&
         one.reading.start_time == other.reading.start_time;
}

}  // namespace heapmeter::cli

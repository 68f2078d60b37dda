// SPDX-License-Identifier: MIT
//
// Whatever a process calls itself, its threads, its kinds of calls and its parts: no verb, in no format, lets
// a terminal obey it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>

#include "support/meter.h"
#include "system/process.h"
#include "text/utf8.h"
#include "tools/fake_server.h"
#include "tools/mark_text.h"
#include "tools/snapshot_text.h"
#include "tools/tool.h"

using namespace heapmeter::testing;
namespace json = boost::json;

namespace {

// An escape, a title, a deletion, C1, a turn of direction, a line of its own, a return, what is not UTF-8,
// and what would end a title in a page for browsers.
const std::string kHostile =
    "\x1b[2J\x1b]0;x\x07\x7f\u009b1m\u202e\n\r\u2066</title><script>alert(1)</script>";

json::object page_of(const std::string &path, int pid, std::uint64_t start) {
  if (path == "/v1/sizes") return {{kHostile, 1}, {"classes", {class_object(64, 2, 100, 9)}}};
  if (path == "/v1/threads")
    return {
        {"pid", pid}, {"start_time", start}, {"threads", {thread_object(pid, kHostile.c_str(), 5, 50, 5)}}};
  if (path == "/v1/leaks") {
    return {{"pid", pid},
            {"start_time", start},
            {"live_blocks", 3},
            {"live_bytes", 30},
            {"block_columns", {"address", "bytes", "leaf", "family"}},
            {"blocks", {{4096, 10, 1, kHostile}, {8192, 20, 0, kHostile}}}};
  }
  if (path == "/v1/sites") {
    return {{"pid", pid},
            {"start_time", start},
            {"name", kHostile},
            {"mode", "every"},
            {"instead", kHostile},
            {"live_bytes", 30},
            {"live_blocks", 3},
            {"modules",
             {{{"path", "/nowhere/" + kHostile + ".so"},
               {"build_id", kHostile},
               {"start", "0x1000"},
               {"end", "0x9000"},
               {"bias", "0x1000"}}}},
            {"site_columns", {"leaf", "live_blocks", "live_bytes", "allocations", "allocated_bytes"}},
            {"sites", json::parse("[[1,3,30,3,30]]")},
            {"nodes", json::parse("[[0,0,64]]")}};
  }
  if (path == "/v1/account") {
    return {{"pid", pid},
            {"start_time", start},
            {"name", kHostile},
            {"backend", kHostile},
            {"live_bytes", 1},
            {"live_blocks", 1},
            {"usable_bytes", 1},
            {"heap", json::array()},
            {"heap_blocks", json::array()},
            {"meter", {{{"part", kHostile}, {"start", 0}, {"end", 0}, {"resident_bytes", 0}}}}};
  }
  json::object snapshot = snapshot_object();
  for (const char *name : {"version", "name", "backend"}) snapshot[name] = kHostile;
  snapshot["monotonic_ns"] = std::chrono::steady_clock::now().time_since_epoch().count();
  snapshot["pid"] = pid;
  snapshot["start_time"] = start;
  snapshot["allocations_by_kind"] = {{kHostile, 90}};
  snapshot["frees_by_kind"] = {{kHostile, 60}};
  snapshot["mismatches"] = 2;
  snapshot["faults"] = {{{"fault", "mismatch"},
                         {"allocated_by", kHostile},
                         {"released_by", kHostile},
                         {"bytes", 40},
                         {"count", 2}}};
  snapshot[kHostile] = kHostile;
  return snapshot;
}

class HostileNames : public ::testing::Test {
 protected:
  HostileNames() {
    const auto start = heapmeter::cli::process::status(getpid())->start_time;
    const std::string file = std::to_string(getpid()) + "-" + std::to_string(start) + ".sock";
    std::filesystem::create_directories(playground_.sockets());
    server_ = std::make_unique<FakeServer>(playground_.sockets() / file, [start](int connection) {
      std::string request;
      for (char letter; !request.ends_with("\r\n\r\n") && read(connection, &letter, 1) == 1;)
        request += letter;
      const std::size_t path = request.find(' ') + 1;
      send_text(connection, http_answer(json::serialize(page_of(
                                request.substr(path, request.find(' ', path) - path), getpid(), start))));
    });
  }
  // The first letter that steers, in hexadecimal; "" when there is none.
  static std::string steering(std::string_view text) {
    while (!text.empty()) {
      const auto letter = heapmeter::cli::first_letter(text);
      const bool layout = text[0] == '\n' || text[0] == '\t';
      if (letter.bytes == 0) return "no UTF-8";
      if (!layout && heapmeter::cli::steers(letter.code)) return "code " + std::to_string(letter.code);
      text.remove_prefix(letter.bytes);
    }
    return "";
  }
  Playground playground_;
  std::unique_ptr<FakeServer> server_;
};

TEST_F(HostileNames, DoNotSteerATerminal) {
  const std::string pid = std::to_string(getpid()), mark = playground_ / "kept.json";
  const std::vector<std::vector<std::string>> verbs = {
      {"ps"},
      {"ps", "--json"},
      {"stat", pid},
      {"stat", "--json", pid},
      {"stat", "--csv", pid},
      {"stat", "-i", "0.1", "-c", "2", pid},
      {"stat", "-i", "0.1", "-c", "2", "--json", pid},
      {"sizes", pid},
      {"sizes", "--json", pid},
      {"threads", pid},
      {"threads", "--json", pid},
      {"account", pid},
      {"account", "--json", pid},
      {"top", "--once"},
      {"top", "--once", "--json"},
      {"mark", mark, pid},
      {"mark", "--json", mark + "2", pid},
      {"diff", mark, pid},
      {"diff", "--json", mark, pid},
      {"sites", pid},
      {"sites", "--json", pid},
      {"sites", "--tree", pid},
      {"sites", "--folded", pid},
      {"sites", "--focus", ".", pid},
      {"leaks", "--once", pid},
      {"leaks", "--once", "--json", pid},
      {"stat", kHostile},
      {"sites", kHostile},
      {"sites", "--focus", kHostile, pid},
      {"doctor", kHostile},
      {"mark", kHostile, pid},
      {kHostile},
  };
  for (const auto &verb : verbs) {
    // What is kept by such a name is kept there.
    Command command = playground_.command(verb);
    command.directory = playground_ / "";
    const Outcome outcome = run(command);
    const std::string what = verb[0] + (verb.size() > 1 ? " " + verb[1] : "");
    EXPECT_EQ(steering(outcome.out), "") << what << outcome;
    EXPECT_EQ(steering(outcome.err), "") << what << outcome;
    EXPECT_FALSE(outcome.out.empty() && outcome.err.empty()) << what;
    const bool own = std::find(verb.begin(), verb.end(), kHostile) == verb.end();
    EXPECT_TRUE(!own || !outcome.out.empty()) << what << outcome;
  }
  EXPECT_EQ(steering(read_file(mark)), "") << "what is kept is printed too";
}

// Others open these: browsers, where a name must not become markup, and programs that read JSON.
TEST_F(HostileNames, AreNamesInSavedFiles) {
  const std::string pid = std::to_string(getpid());
  for (const char *format : {"--svg", "--flame", "--speedscope", "--pprof"}) {
    const std::string file = playground_ / "saved";
    const Outcome outcome = playground_.run({"sites", format, file, pid});
    ASSERT_EQ(outcome.exit_code, 0) << format << outcome;
    EXPECT_EQ(steering(outcome.out + outcome.err), "") << format;
    const std::string text = read_file(file);
    if (format != std::string("--pprof")) {
      EXPECT_EQ(steering(text), "") << format;
    }
    if (text.starts_with("<")) {
      EXPECT_EQ(text.find("</title><script>"), std::string::npos) << format;
    }
    std::filesystem::remove(file);
  }
}

}  // namespace

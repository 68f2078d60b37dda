// SPDX-License-Identifier: MIT
//
// What every verb prints with --json is what tools/FORMATS.md says, field by field and type by type. A new
// verb needs rows in kRows, and its tables in tools/FORMATS.md.
#include "tools/schema.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <sstream>

#include "support/meter.h"
#include "tools/report/made.h"
#include "tools/tool.h"
#include "verbs/commands.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

struct Row {
  const char *verb;
  // TESTER is this process, PID is a metered process, MARK a mark of it, SAMPLE/ the directory of programs to
  // start, OUTPUT a file that is read in place of the standard output.
  std::vector<std::string> arguments;
  std::size_t values;     // as many JSON values, one a line
  std::string type;       // of each, as in schema.h
  std::string must_have;  // a sign that the row shows what it is here for
};

const Row kRows[] = {
    {"run", {"--output", "OUTPUT", "--", "SAMPLE/wrong_calls"}, 1, "run --json", R"("fault":"mismatch")"},
    {"run",
     {"--sites", "--output", "OUTPUT", "--", "SAMPLE/wrong_calls"},
     1,
     "run --json",
     R"("at_peak":[{)"},
    {"run",
     {"--leaks", "--output", "OUTPUT", "--", "SAMPLE/loses_blocks", "end"},
     1,
     "run --json",
     R"("lost_blocks":40)"},
    {"run",
     {"--output", "OUTPUT", "--", "bash", "-c", "SAMPLE/wrong_calls; SAMPLE/wrong_calls; exit 3"},
     1,
     "run --json",
     R"("children":[{)"},
    {"run",
     {"--output", "OUTPUT", "--", "bash", "-c", "kill -9 $$"},
     1,
     "run --json",
     R"("signal":"SIGKILL")"},
    {"run",
     {"--fail-if", "mismatches>0", "--output", "OUTPUT", "--", "SAMPLE/wrong_calls"},
     1,
     "run --json",
     R"("failed":[{)"},
    {"ps", {}, 1, "array of Process or Silent process", R"("answering":true)"},
    {"ps", {}, 1, "array of Process or Silent process", R"("answering":false)"},
    {"stat", {"PID"}, 1, "stat --json", R"("rss_bytes":)"},
    {"stat", {"PID", "-i", "0.05", "-c", "3"}, 3, "stat --json", R"("rates":{)"},
    {"stat", {"holder_of_bytes"}, 1, "Group", R"("processes":2)"},
    {"stat", {"*bytes", "-i", "0.05", "-c", "3"}, 3, "Group", R"("rates":{)"},
    {"ps", {"--groups"}, 1, "array of Named group", R"("processes":2)"},
    {"during", {"PID", "--repeat", "2", "--", "true"}, 1, "during --json", R"("per":1)"},
    {"record", {"-o", "MARK", "-i", "0.1", "--for", "0.2"}, 1, "record --json", R"("processes":1)"},
    {"report", {"RECORDING"}, 1, "report --json", R"("course":"grows")"},
    {"report", {"MARK"}, 1, "report --json of a moment", R"("live_blocks":10)"},
    {"doctor", {"PID"}, 1, "doctor --json", R"("backend":")"},
    {"doctor", {"SAMPLE/own_allocator"}, 1, "doctor --json", R"("code":"own_malloc")"},
    {"top", {"-c", "2", "-i", "0.2"}, 2, "top --json", R"("answering":true)"},
    {"account", {"PID"}, 1, "account --json", R"("kind":"nothing_unusual")"},
    {"account", {"PID", "-i", "0.05", "-c", "3"}, 3, "account --json", R"("resident_bytes":)"},
    {"sizes", {"PID"}, 1, "sizes --json", R"("class_bytes":)"},
    {"sizes", {"PID", "--since", "MARK"}, 1, "sizes --json", R"("since":"mark")"},
    {"sites", {"PID"}, 1, "sites --json", R"("function":"main")"},
    {"sites", {"PID", "--by", "rate", "-i", "0.1", "-c", "1"}, 1, "sites --json", R"("by":"rate")"},
    {"threads", {"PID"}, 1, "threads --json", R"("tid":)"},
    {"leaks", {"PID", "--wait", "0.1"}, 1, "leaks --json", R"("looks":2)"},
    {"leaks", {"PID", "--once", "--registers"}, 1, "leaks --json", R"("stopped_seconds":)"},
    {"holders", {"PID", "--class", "1-100000"}, 1, "holders --json", R"("kind":)"},
    {"leaks", {"PID", "--growth=1s"}, 1, "leaks --growth --json", R"("readings":24)"},
    {"leaks", {"holder_of_bytes", "--growth=1s"}, 1, "leaks --growth --json", R"("not_watched":[{)"},
    {"leaks", {"PID", "--once"}, 1, "leaks --json", R"("looks":1)"},
    {"leaks", {"--below", "TESTER", "--once"}, 1, "leaks --json of several", R"("not_looked_at":[{)"},
    {"mark", {"name", "PID"}, 1, "mark --json", R"("live_blocks":10)"},
    {"mark", {}, 1, "mark --json", R"("name":"kept")"},
    {"mark", {}, 1, "mark --json", R"("error":")"},
    {"mark", {"--remove", "kept"}, 1, "mark --json", R"("removed":["kept"])"},
    {"mark", {"OUTPUT", "PID"}, 1, "Mark file", R"({"format":"heapmeter mark")"},
    {"diff", {"MARK"}, 1, "diff --json", R"("same_counters":true)"},
    {"diff", {"MARK", "OTHER"}, 1, "diff --json", R"("tid":null)"},
};

Schema documented() { return Schema(read_file(source_root() / "tools" / "FORMATS.md")); }

std::string replaced(std::string text, const std::string &word, const std::string &by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size()))
    text.replace(at, word.size(), by);
  return text;
}

// What the verb prints about one process that answers and one that is stopped.
std::string printed(const Row &row) {
  Playground playground;
  playground.set("XDG_STATE_HOME", playground / "state");
  playground.set("HEAPMETER_SAMPLE", "every");
  const Holder answering(playground, {"10", "10"}), stopped(playground, {"10", "10"});
  const std::string mark = playground / "mark.json", other = playground / "other.json";
  write_file(playground / "shop.hm", shop().text());
  if (row.verb == std::string("mark") || row.type == "diff --json" ||
      row.type == "report --json of a moment" || row.must_have.find("since") != row.must_have.npos) {
    for (const std::string &name : {mark, std::string("kept")})
      playground.run({"mark", name, answering.pid_text()});
    playground.run({"mark", other, stopped.pid_text()});
    write_file(playground / "state/heapmeter/marks/damaged.json", "{");
  }
  stopped.stop();
  const std::string output = playground / "output";
  std::vector<std::string> arguments = {row.verb, "--json"};
  for (const std::string &argument : row.arguments) {
    arguments.push_back(replaced(replaced(replaced(replaced(argument, "PID", answering.pid_text()), "TESTER",
                                                   std::to_string(getpid())),
                                          "SAMPLE", sample("").parent_path()),
                                 "OUTPUT", output));
    for (const auto &[word, path] : {std::pair("MARK", mark), std::pair("OTHER", other),
                                     std::pair("RECORDING", std::string(playground / "shop.hm"))}) {
      arguments.back() = replaced(arguments.back(), word, path);
    }
  }
  const Outcome outcome = playground.run(arguments);
  return std::filesystem::exists(output) ? read_file(output) : outcome.out;
}

void expect_version_1(const json::value &value) {
  if (value.is_array()) {
    for (const json::value &each : value.get_array()) expect_version_1(each);
  } else {
    EXPECT_EQ(value.at("schema"), json::value(1));
  }
}

class SchemaOf : public testing::TestWithParam<Row> {};

TEST_P(SchemaOf, IsTheDocumentedOne) {
  const std::string text = printed(GetParam());
  EXPECT_NE(text.find(GetParam().must_have), std::string::npos) << text;
  const Schema schema = documented();
  std::istringstream lines(text);
  std::size_t values = 0;
  for (std::string line; std::getline(lines, line); ++values) {
    const json::value value = json::parse(line);
    for (const std::string &fault : schema.faults(value, GetParam().type))
      ADD_FAILURE() << fault << " in " << line;
    expect_version_1(value);
  }
  EXPECT_EQ(values, GetParam().values) << text;
}

INSTANTIATE_TEST_SUITE_P(Verbs, SchemaOf, testing::ValuesIn(kRows), [](const auto &instance) {
  return std::string(instance.param.verb) + std::to_string(instance.index);
});

TEST(Schema, OfAReportIsTheDocumentedOne) {
  Playground playground;
  playground.set("HEAPMETER_REPORT", playground / "report.json");
  Holder holder(playground, {"10", "10"});
  holder.end();
  const json::value report = json::parse(read_file(playground / "report.json"));
  for (const std::string &fault : documented().faults(report, "Report")) ADD_FAILURE() << fault;
  EXPECT_FALSE(report.at("pages").at("sizes").at("classes").as_array().empty());
  EXPECT_FALSE(report.at("pages").at("threads").at("threads").as_array().empty());
}

TEST(Schema, IsDocumentedAndTestedForEveryVerb) {
  for (const auto &command : heapmeter::cli::commands()) {
    const std::string verb = command.name;
    EXPECT_TRUE(documented().has(verb + " --json") || verb == "ps")
        << verb << " has no table in tools/FORMATS.md";
    EXPECT_TRUE(verb == "sites" || std::any_of(std::begin(kRows), std::end(kRows),
                                               [&](const Row &row) { return row.verb == verb; }))
        << verb << " has no row in schema_test.cpp";
  }
}

TEST(Schema, FindsWhatIsMissingOfAnotherTypeOrNotDocumented) {
  const Schema schema(
      "### Thing\n| field | type | meaning |\n|---|---|---|\n| `a`, `b` | integer | two |\n| `c` | text or "
      "null | |\n"
      "| `d` | Part, optional | |\n| `e` | array of Part | |\n\n"
      "### Part\n| field | type | meaning |\n|---|---|---|\n| `x` | counts | |\n\n"
      "### Whole\n| field | type | meaning |\n|---|---|---|\n| all of Thing | | |\n| `f` | boolean | |\n");
  const auto faults = [&](const char *text, const char *type) {
    std::string all;
    for (const std::string &fault : schema.faults(json::parse(text), type)) all += fault + "; ";
    return all;
  };
  EXPECT_EQ(faults(R"({"a":1,"b":2,"c":null,"e":[]})", "Thing"), "");
  EXPECT_EQ(faults(R"({"a":1,"b":2,"c":"","d":{"x":{"k":1}},"e":[{"x":{}}],"f":true})", "Whole"), "");
  EXPECT_EQ(faults(R"({"a":1,"c":null,"e":[]})", "Thing"), "Thing: b is missing; ");
  EXPECT_EQ(faults(R"({"a":1.5,"b":2,"c":null,"e":[]})", "Thing"), "Thing: a: 1.5E0 is no integer; ");
  EXPECT_EQ(faults(R"({"a":1,"b":2,"c":3,"e":[]})", "Thing"), "Thing: c: 3 is no text; ");
  EXPECT_EQ(faults(R"({"a":1,"b":2,"c":"","e":[{"x":{"k":"no"}}]})", "Thing"),
            R"(Thing: e: element: Part: x: k: "no" is no integer; )");
  EXPECT_EQ(faults(R"({"a":1,"b":2,"c":"","e":[],"g":0})", "Thing"), "Thing: g is not documented; ");
  EXPECT_EQ(faults("[7]", "array of Thing or Part"), "element: 7 is no Thing; ");
  EXPECT_EQ(faults("1", "Nothing"), "1 is no Nothing; ");
  EXPECT_EQ(faults("{}", "Nothing"), "'Nothing' is no type, and no heading of the schema; ");
}

}  // namespace

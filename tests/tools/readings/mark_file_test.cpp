// SPDX-License-Identifier: MIT
//
// The text of a mark, and the files it is kept in.
#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "readings/mark_store.h"
#include "support/temp_dir.h"
#include "text/user_error.h"
#include "tools/mark_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;

std::string complaint(const std::string &text) {
  try {
    parse_mark(text, "it");
  } catch (const UserError &error) {
    EXPECT_EQ(error.exit_code(), kFailed);
    return error.what();
  }
  return "none";
}

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

TEST(MarkText, IsReadBack) {
  const Mark mark = parse_mark(mark_text(), "it");
  EXPECT_EQ(mark.name, "before");
  EXPECT_DOUBLE_EQ(mark.time, 1'700'000'000.5);
  EXPECT_EQ(mark.host, "elsewhere");
  EXPECT_EQ(mark.process(), "prog (4711)");
  EXPECT_EQ(mark.socket, "/run/4711-456.sock");
  EXPECT_EQ(mark.reading.live_bytes, 4000u);
  EXPECT_EQ(mark.classes.at(1).live_bytes, 1120u);
  EXPECT_EQ(mark.threads.threads.at(1).name, "brief");
  EXPECT_EQ(mark.threads.exited.allocated_bytes, 1000u);
  EXPECT_TRUE(begins_as_mark(mark_text()));
}

TEST(MarkText, CutOffAnywhereIsRefused) {
  const std::string whole = mark_text();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(complaint(whole.substr(0, length)), "none") << length;
  }
  EXPECT_TRUE(has(complaint(whole.substr(0, whole.size() / 2)), "is damaged: it is cut off"));
  EXPECT_TRUE(has(complaint(""), "it is empty"));
}

TEST(MarkText, OfMillionsOfValuesIsRefused) {
  for (const char *value : {"1,", "[],", "{},", "\"a\","}) {
    std::string text = mark_text();
    std::string values;
    while (values.size() < (12u << 20)) values += value;
    text.insert(text.size() - 1, ",\"more\":[" + values + "1]");
    EXPECT_TRUE(has(complaint(text), "it has too many values")) << value;
  }
}

TEST(MarkText, OfNoTimeThereIsIsRefused) {
  for (const double time : {-1.0, 1e12, 1e308}) {
    auto mark = mark_object();
    mark["time"] = time;
    EXPECT_TRUE(has(complaint(boost::json::serialize(mark)), "'time' is no time")) << time;
  }
}

TEST(MarkText, WithoutAFieldOrWithAnotherTypeIsRefused) {
  for (const auto &field : mark_object()) {
    boost::json::object without = mark_object(), wrong = mark_object();
    without.erase(field.key());
    wrong[field.key()] = boost::json::array{1};
    EXPECT_NE(complaint(json_text(without)), "none") << field.key();
    EXPECT_NE(complaint(json_text(wrong)), "none") << field.key();
  }
  EXPECT_TRUE(has(complaint(mark_text({{"live_bytes", -1}})), "'live_bytes' is not a count"));
  for (const char *other : {"[1]", "{}", "1",
                            "\x7f"
                            "ELF",
                            "{\"format\":\"tar\"}"})
    EXPECT_TRUE(has(complaint(other), "some other file")) << other;
}

TEST(MarkText, OfAGroupThatIsNoneIsRefused) {
  boost::json::object group = mark_object();
  group["process"] = "prog";
  group["members"] = boost::json::array{mark_object(), mark_object()};
  group["group"] = {{"word", "prog"}, {"cgroup", ""}, {"below", 0}};
  EXPECT_EQ(parse_mark(json_text(group), "it").members.size(), 2u);
  for (const boost::json::value &other : {boost::json::value(5), boost::json::value(nullptr)}) {
    group["group"] = other;
    EXPECT_TRUE(has(complaint(json_text(group)), "'group' is not an object")) << complaint(json_text(group));
  }
}

TEST(MarkText, IsRefusedInWordsForPeople) {
  for (const char *name : {"name", "time", "host", "local_pid", "socket"}) {
    boost::json::object wrong = mark_object();
    wrong[name] = boost::json::array{1};
    const std::string refused = complaint(json_text(wrong));
    EXPECT_TRUE(has(refused, std::string("is damaged: '") + name + "' is not a")) << refused;
    EXPECT_FALSE(has(refused, "boost")) << refused;
  }
  for (const boost::json::value &pid :
       {boost::json::value(-7), boost::json::value(1LL << 40), boost::json::value(1.5)}) {
    boost::json::object wrong = mark_object();
    wrong["local_pid"] = pid;
    EXPECT_TRUE(has(complaint(json_text(wrong)), "'local_pid' is not a process id"))
        << complaint(json_text(wrong));
  }
}

TEST(MarkText, OfAnotherSchemaIsRefusedByItsNumber) {
  boost::json::object newer = mark_object();
  newer["schema"] = 2;
  EXPECT_TRUE(has(complaint(json_text(newer)), "is of schema 2")) << complaint(json_text(newer));
}

boost::json::object report_object() {
  boost::json::object report = snapshot_object();
  const boost::json::object mark = mark_object();
  report["time"] = 1'700'000'000.5;
  report["pages"] = {{"sizes", mark.at("sizes")}, {"threads", mark.at("threads")}};
  return report;
}

TEST(Report, IsReadAsAMark) {
  const Mark report = parse_mark(json_text(report_object()), "it");
  EXPECT_TRUE(report.at_exit);
  EXPECT_TRUE(report.has_classes && report.has_threads);
  EXPECT_DOUBLE_EQ(report.time, 1'700'000'000.5);
  EXPECT_EQ(report.reading.live_bytes, 4000u);
  EXPECT_EQ(report.classes.at(1).live_bytes, 1120u);
  EXPECT_EQ(report.threads.threads.at(1).name, "brief");
  EXPECT_EQ(report.process(), "prog (123)");
}

TEST(Report, WithoutPagesHasTotalsOnly) {
  boost::json::object report = report_object();
  report["pages"].as_object().erase("threads");
  EXPECT_FALSE(parse_mark(json_text(report), "it").has_threads);
  EXPECT_TRUE(parse_mark(json_text(report), "it").has_classes);
  const Mark old = parse_mark(snapshot_text(), "it");
  EXPECT_TRUE(old.at_exit);
  EXPECT_FALSE(old.has_classes || old.has_threads);
  EXPECT_EQ(old.time, 0);
}

TEST(Report, IsFoundInTheSummaryOfARun) {
  boost::json::object summary = {
      {"schema", 1}, {"command", {"prog"}}, {"source", "report"}, {"reading", report_object()}};
  const Mark report = parse_mark(json_text(summary), "it");
  EXPECT_TRUE(report.at_exit && report.has_classes && report.has_threads);
  EXPECT_DOUBLE_EQ(report.time, 1'700'000'000.5);
  EXPECT_EQ(report.reading.live_bytes, 4000u);
  summary["reading"] = snapshot_object();
  EXPECT_FALSE(parse_mark(json_text(summary), "it").has_classes) << "the last reading before it was killed";
  summary["reading"] = nullptr;
  summary["why"] = boost::json::array{"it was killed"};
  EXPECT_EQ(complaint(json_text(summary)), "it is the summary of a run that has no reading: it was killed");
  summary["reading"] = 7;
  EXPECT_TRUE(has(complaint(json_text(summary)), "no reading"));
}

TEST(Report, CutOffOrSpoiltIsRefused) {
  const std::string whole = json_text(report_object());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(complaint(whole.substr(0, length)), "none") << length;
  }
  boost::json::object wrong = report_object();
  wrong["live_bytes"] = "many";
  EXPECT_TRUE(has(complaint(json_text(wrong)), "'live_bytes' is not a count")) << complaint(json_text(wrong));
  wrong = report_object();
  wrong["pages"].as_object()["sizes"] = 1;
  EXPECT_NE(complaint(json_text(wrong)), "none");
  wrong = report_object();
  wrong["time"] = "noon";
  EXPECT_NE(complaint(json_text(wrong)), "none");
}

TEST(MarkText, OfALaterLibraryKeepsWhatItDoesNotKnow) {
  boost::json::object more = mark_object({{"a_later_counter", 5}});
  more["a_later_field"] = true;
  EXPECT_EQ(json_text(parse_mark(json_text(more), "it").file), json_text(more));
}

class MarkFile : public ::testing::Test {
 protected:
  void SetUp() override { setenv("XDG_STATE_HOME", dir_.path().c_str(), 1); }
  void TearDown() override { unsetenv("XDG_STATE_HOME"); }
  static std::string complaint_of(const std::function<void()> &action) {
    try {
      action();
    } catch (const UserError &error) {
      return error.what();
    }
    return "none";
  }
  TempDir dir_;
  Mark mark_ = parse_mark(mark_text(), "it");
};

TEST_F(MarkFile, IsKeptByItsNameAndFoundAgain) {
  EXPECT_TRUE(kept_marks().empty());
  EXPECT_EQ(mark_path("one"), dir_ / "heapmeter/marks/one.json");
  save_mark(mark_, mark_path("one"));
  save_mark(mark_, mark_path("two words"));
  EXPECT_EQ(load_mark("one").reading.live_bytes, 4000u);
  EXPECT_EQ(kept_marks(), (std::vector<std::string>{"one", "two words"}));
  struct stat status;
  ASSERT_EQ(stat(mark_path("one").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  remove_mark("one");
  EXPECT_EQ(kept_marks(), std::vector<std::string>{"two words"});
  EXPECT_THROW(remove_mark("one"), UserError);
}

TEST_F(MarkFile, UnderWhatIsNoNameIsNotListed) {
  save_mark(mark_, mark_path("one"));
  for (const char *file : {"4711.json", "no utf8 \xff.json", ".json", "..json", "new\nline.json"})
    write_file(mark_path("one").parent_path() / file, mark_text());
  EXPECT_EQ(kept_marks(), std::vector<std::string>{"one"});
}

TEST_F(MarkFile, IsInTheHomeDirectoryWithoutXdgStateHome) {
  setenv("XDG_STATE_HOME", "relative", 1);
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(mark_path("one"), "/home/somebody/.local/state/heapmeter/marks/one.json");
  unsetenv("HOME");
  EXPECT_THROW(mark_path("one"), UserError);
  EXPECT_EQ(mark_path("a/path"), "a/path");
}

TEST_F(MarkFile, RefusesNamesThatAreNone) {
  for (const char *name : {"", ".", "..", ".hidden", "4711", "new\nline", "no utf8 \xff"})
    EXPECT_THROW(mark_path(name), UserError) << name;
  EXPECT_THROW(mark_path(std::string(300, 'a')), UserError);
  // Each with its own reason.
  const auto why = [](const std::string &name) { return complaint_of([&] { mark_path(name); }); };
  EXPECT_TRUE(has(why("4711"), "'4711' cannot be a mark's name: it is taken for a process id"))
      << why("4711");
  EXPECT_TRUE(has(why("no utf8 \xff"), "'no utf8 ?' cannot be a mark's name: it has control characters, or"));
  EXPECT_TRUE(has(why(".x"), "it begins with a dot; give another")) << why(".x");
}

TEST_F(MarkFile, IsNeverADirectoryOrADevice) {
  const auto why = [&](const std::string &path) { return complaint_of([&] { save_mark(mark_, path); }); };
  for (const std::string &path : {dir_.path().string(), std::string("/"), (dir_ / "new/").string()})
    EXPECT_EQ(why(path), path + " is a directory; give the path of a file");
  EXPECT_FALSE(fs::exists(dir_ / "new")) << "made for nothing";
  EXPECT_EQ(why("/dev/null"), "/dev/null is no regular file; give the path of a file");
}

TEST_F(MarkFile, ReplacesAMarkAndNothingElse) {
  save_mark(mark_, dir_ / "mark.json");
  Mark newer = parse_mark(mark_text({{"live_bytes", 1}}), "it");
  save_mark(newer, dir_ / "mark.json");
  EXPECT_EQ(load_mark(dir_ / "mark.json").reading.live_bytes, 1u);
  write_file(dir_ / "letter", "dear reader");
  EXPECT_THROW(save_mark(mark_, dir_ / "letter"), UserError);
  EXPECT_EQ(read_file(dir_ / "letter"), "dear reader");
  EXPECT_THROW(save_mark(mark_, dir_.path()), UserError);
  EXPECT_THROW(save_mark(mark_, "/dev/null"), UserError);
  // A link stays, what it points to is replaced.
  std::filesystem::create_symlink("mark.json", dir_ / "link");
  save_mark(mark_, dir_ / "link");
  EXPECT_TRUE(std::filesystem::is_symlink(dir_ / "link"));
  EXPECT_EQ(load_mark(dir_ / "mark.json").reading.live_bytes, 4000u);
}

TEST_F(MarkFile, MayBeAReportWhichIsCalledByItsFile) {
  write_file(dir_ / "run.4711.json", snapshot_text());
  const Mark report = load_mark(dir_ / "run.4711.json");
  EXPECT_EQ(report.name, "run.4711");
  EXPECT_GT(report.time, 1'700'000'000) << "of the file, as it has none of its own";
}

TEST_F(MarkFile, SaysWhyItCannotBeRead) {
  const auto why = [](const std::string &path) -> std::string {
    try {
      load_mark(path);
    } catch (const UserError &error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_TRUE(has(why(dir_ / "absent"), "there is no mark")) << why(dir_ / "absent");
  EXPECT_TRUE(has(why("absent"), "there is no mark 'absent'"));
  EXPECT_TRUE(has(why(dir_.path()), "not a regular file"));
  EXPECT_TRUE(has(why(dir_ / "absent/deeper"), "there is no mark"));
  ASSERT_EQ(mkfifo((dir_ / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(has(why(dir_ / "pipe"), "not a regular file"));
  write_file(dir_ / "file", "");
  EXPECT_TRUE(has(why(dir_ / "file"), "empty"));
  fs::resize_file(dir_ / "file", std::uintmax_t{17} << 20);
  EXPECT_TRUE(has(why(dir_ / "file"), "far too large")) << "and is not read";
  EXPECT_TRUE(has(why(dir_ / "file/deeper"), "Not a directory"));
}

// Files as nobody in particular meets them: root may do everything.
class Forbidden : public MarkFile {
 protected:
  void SetUp() override {
    MarkFile::SetUp();
    save_mark(mark_, mark_path("kept"));
    if (geteuid() == 0) {
      dir_.give_to(kNobody);
      ASSERT_EQ(seteuid(kNobody), 0);
    }
  }
  void TearDown() override {
    fs::permissions(place(), fs::perms::owner_all);
    if (getuid() == 0) {
      ASSERT_EQ(seteuid(0), 0);
    }
    MarkFile::TearDown();
  }
  fs::path place() const { return dir_ / "heapmeter/marks"; }

 private:
  static constexpr uid_t kNobody = 65'534;
};

TEST_F(Forbidden, DirectoryIsNamedWithWhatToDo) {
  fs::permissions(place(), fs::perms::none);
  for (const char *name : {"kept", "new"}) {
    const std::string of_save = complaint_of([&] { save_mark(mark_, mark_path(name)); });
    EXPECT_TRUE(has(of_save, "could not be written: Permission denied; give a path")) << of_save;
  }
  const std::string of_load = complaint_of([] { load_mark("kept"); });
  EXPECT_TRUE(has(of_load, "kept.json could not be read: Permission denied; ask whoever")) << of_load;
  const std::string of_list = complaint_of([] { kept_marks(); });
  EXPECT_TRUE(has(of_list, "heapmeter/marks could not be read: Permission denied")) << of_list;
  const std::string of_removal = complaint_of([] { remove_mark("kept"); });
  EXPECT_TRUE(has(of_removal, "kept.json could not be removed: Permission denied")) << of_removal;
  std::error_code hindrance;
  EXPECT_FALSE(mark_exists("kept", hindrance));
  EXPECT_EQ(hindrance, std::errc::permission_denied);
}

TEST_F(Forbidden, DirectoryThatMayOnlyBeReadKeepsItsMarks) {
  fs::permissions(place(), fs::perms::owner_read | fs::perms::owner_exec);
  const Mark newer = parse_mark(mark_text({{"live_bytes", 1}}), "it");
  for (const char *name : {"kept", "new"}) {
    const std::string of_save = complaint_of([&] { save_mark(newer, mark_path(name)); });
    EXPECT_TRUE(has(of_save, "could not be written: Permission denied; give a path")) << of_save;
  }
  EXPECT_EQ(load_mark("kept").reading.live_bytes, 4000u);
  EXPECT_EQ(kept_marks(), std::vector<std::string>{"kept"});
}

TEST_F(Forbidden, MarkIsNeitherReadNorReplaced) {
  fs::permissions(mark_path("kept"), fs::perms::none);
  const std::string of_load = complaint_of([] { load_mark("kept"); });
  EXPECT_TRUE(has(of_load, "kept.json could not be read: Permission denied")) << of_load;
  const std::string of_save = complaint_of([&] { save_mark(mark_, mark_path("kept")); });
  EXPECT_TRUE(has(of_save, "kept.json could not be read: Permission denied")) << of_save;
  fs::permissions(mark_path("kept"), fs::perms::owner_read);
  EXPECT_EQ(load_mark("kept").reading.live_bytes, 4000u);
}

TEST_F(Forbidden, HomeIsNoPlaceToMakeADirectoryIn) {
  fs::permissions(dir_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  setenv("XDG_STATE_HOME", (dir_ / "new").c_str(), 1);
  const std::string of_save = complaint_of([&] { save_mark(mark_, mark_path("one")); });
  fs::permissions(dir_.path(), fs::perms::owner_all);
  EXPECT_TRUE(has(of_save, "new/heapmeter/marks could not be made: Permission denied; give a path"))
      << of_save;
}

}  // namespace

// SPDX-License-Identifier: MIT
//
// The text of a mark, and the files it is kept in.
#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/stat.h>

#include "command.h"
#include "mark_store.h"
#include "mark_text.h"
#include "support/temp_dir.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

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

TEST(MarkText, OfAnotherSchemaIsRefusedByItsNumber) {
  boost::json::object newer = mark_object();
  newer["schema"] = 2;
  EXPECT_TRUE(has(complaint(json_text(newer)), "is of schema 2")) << complaint(json_text(newer));
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

TEST_F(MarkFile, IsInTheHomeDirectoryWithoutXdgStateHome) {
  setenv("XDG_STATE_HOME", "relative", 1);
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(mark_path("one"), "/home/somebody/.local/state/heapmeter/marks/one.json");
  unsetenv("HOME");
  EXPECT_THROW(mark_path("one"), UserError);
  EXPECT_EQ(mark_path("a/path"), "a/path");
}

TEST_F(MarkFile, RefusesNamesThatAreNone) {
  for (const char *name : {"", ".", "..", ".hidden", "4711", "new\nline"})
    EXPECT_THROW(mark_path(name), UserError) << name;
  EXPECT_THROW(mark_path(std::string(300, 'a')), UserError);
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
  EXPECT_TRUE(has(why(dir_ / "file/deeper"), "Not a directory"));
}

}  // namespace

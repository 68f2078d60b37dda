// SPDX-License-Identifier: MIT
//
// mark: what is kept, listed, removed and refused.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "support/temp_dir.h"
#include "tools/verbs/marks.h"

using namespace heapmeter::testing;

namespace {

TEST_F(Marks, OfAPidThatIsAnothersNowAreNotComparedWithIt) {
  const Holder holder(playground_, {"10", "5"});
  const std::string file = playground_ / "mark.json";
  ASSERT_EQ(run({"mark", file, holder.pid_text()}).exit_code, 0);
  json::object mark = json::parse(read_file(file)).as_object();
  mark["snapshot"].as_object()["start_time"] = 1;
  write_file(file, json::serialize(mark));
  const Outcome reused = run({"diff", file});
  EXPECT_EQ(reused.exit_code, 1);
  EXPECT_TRUE(has(reused.err, "is another process")) << reused;
  mark["boot_id"] = "elsewhere";
  write_file(file, json::serialize(mark));
  EXPECT_TRUE(has(run({"diff", file}).err, "another machine"));
  EXPECT_TRUE(has(run({"diff", file, holder.pid_text()}).out, "two processes"));
}

TEST_F(Marks, AreListedAndRemoved) {
  EXPECT_TRUE(has(run({"mark"}).out, "No mark is kept"));
  const Holder holder(playground_, {"1000", "50"});
  ASSERT_EQ(run({"mark", "one", holder.pid_text()}).exit_code, 0);
  ASSERT_EQ(run({"mark", "two", "holder_of_bytes"}).exit_code, 0);
  write_file(playground_ / "state/heapmeter/marks/bad.json", "{");
  const Outcome table = run({"mark"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_TRUE(has(table.out, "48.8 KiB")) << table;
  EXPECT_TRUE(has(table.out, "unreadable")) << table;
  const json::value list = json_of({"mark"}).at("marks");
  ASSERT_EQ(list.as_array().size(), 3u);
  EXPECT_EQ(number(with(list, "name", "one"), "live_bytes"), 50'000);
  EXPECT_TRUE(with(list, "name", "bad").at("error").is_string());
  EXPECT_EQ(run({"mark", "--remove", "one", "bad"}).exit_code, 0);
  EXPECT_EQ(json_of({"mark"}).at("marks").as_array().size(), 1u);
  EXPECT_EQ(run({"mark", "--remove", "one"}).exit_code, 1);
}

TEST_F(Marks, ThatCannotBeWrittenLoseNothing) {
  const Holder holder(playground_, {"10", "5"});
  ASSERT_EQ(run({"mark", "one", holder.pid_text()}).exit_code, 0);
  const std::filesystem::path place = playground_ / "state/heapmeter/marks";
  const std::string whole = read_file(place / "one.json");
  // As a full disk would, in the middle of it.
  Command command = playground_.command({"mark", "one", holder.pid_text()});
  command.argv = {"bash", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "-"};
  for (const std::string &word : playground_.command({"mark", "one", holder.pid_text()}).argv)
    command.argv.push_back(word);
  const Outcome full = heapmeter::testing::run(command);
  EXPECT_EQ(full.exit_code, 1) << full;
  EXPECT_TRUE(has(full.err, "one.json could not be written: File too large")) << full;
  EXPECT_EQ(read_file(place / "one.json"), whole);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(place), {}), 1);
}

TEST_F(Marks, OnAFullFileSystemAreSaidNotToBeKeptAndTheOldOneStays) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can mount a small file system";
  const Holder holder(playground_, {"10", "5"});
  const std::string place = playground_ / "state/heapmeter/marks";
  std::filesystem::create_directories(place);
  // A private one, gone with the script.
  Command command = playground_.command({});
  command.argv = {"unshare", "-m", "bash", "-c", R"sh(
    mount -t tmpfs -o size=64k none "$1" || exit 9
    "$2" mark one "$3" >&2 || exit 8
    before=$(cksum < "$1/one.json")
    dd if=/dev/zero of="$1/filler" bs=4096 2>/dev/null
    for name in one two; do "$2" mark "$name" "$3"; echo "code $?"; done
    [ "$(cksum < "$1/one.json")" = "$before" ] && echo whole
    "$2" mark | cut -d' ' -f1
    ls -A "$1")sh", "-", place, tool(), holder.pid_text()};
  const Outcome outcome = heapmeter::testing::run(command);
  EXPECT_EQ(outcome.out, "code 1\ncode 1\nwhole\nNAME\none\nfiller\none.json\n") << outcome;
  EXPECT_TRUE(has(outcome.err, "one.json could not be written: No space left on device; make room"))
      << outcome;
  EXPECT_TRUE(has(outcome.err, "two.json could not be written: No space left on device; make room"))
      << outcome;
}

TEST_F(Marks, RefuseWhatMakesNoSense) {
  const Holder holder(playground_, {"10", "5"});
  EXPECT_EQ(run({"mark", "alone"}).exit_code, 2);
  EXPECT_EQ(run({"mark", "one", "two", "three"}).exit_code, 2);
  EXPECT_EQ(run({"mark", holder.pid_text(), "swapped"}).exit_code, 2);
  EXPECT_EQ(run({"mark", "--remove"}).exit_code, 2);
  EXPECT_EQ(run({"diff"}).exit_code, 2);
  EXPECT_EQ(run({"mark", "name", "nobody"}).exit_code, 1);
  EXPECT_TRUE(has(run({"diff", "absent"}).err, "there is no mark 'absent'"));
  ASSERT_EQ(run({"mark", "one", holder.pid_text()}).exit_code, 0);
  const Outcome neither = run({"diff", "one", "absent"});
  EXPECT_EQ(neither.exit_code, 1);
  EXPECT_TRUE(has(neither.err, "there is no mark 'absent', and no metered process")) << neither;
  Command beside = playground_.command({"diff", "one", "one.json"});
  beside.directory = playground_ / "state/heapmeter/marks";
  EXPECT_TRUE(has(heapmeter::testing::run(beside).err, "to read the file, write ./one.json"));
}

}  // namespace

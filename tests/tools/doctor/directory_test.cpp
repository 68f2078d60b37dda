// SPDX-License-Identifier: MIT
//
// The socket directory: which of its rules it breaks, told before the start in doctor's and run's words.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/meter.h"
#include "tools/doctor/diagnosis.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class SocketPlace : public ::testing::Test {
 protected:
  void expect(const fs::path &directory, const std::string &words) {
    playground_.set("HEAPMETER_DIR", directory);
    const Diagnosis found = diagnose(playground_, "/bin/true");
    EXPECT_TRUE(has(found.what("socket_directory"), words)) << found.outcome();
    EXPECT_EQ(found.text("verdict"), "partly");
    const Outcome run = playground_.run({"run", "--", "true"});
    EXPECT_TRUE(has(run.err, "heapmeter: " + found.what("socket_directory"))) << run;
    EXPECT_TRUE(run.ok()) << "the program runs on, and is counted: " << run;
    EXPECT_TRUE(has(run.err, "live at exit")) << run;
    EXPECT_FALSE(has(playground_.run({"run", "--no-serve", "--", "true"}).err, words))
        << "nobody asked for it";
  }
  Playground playground_;
};

TEST_F(SocketPlace, IsASymbolicLink) {
  fs::create_directory_symlink(playground_.sockets(), playground_ / "link");
  expect(playground_ / "link", "is a symbolic link");
}
TEST_F(SocketPlace, IsAFile) {
  write_file(playground_ / "file", "");
  expect(playground_ / "file", "is not a directory");
}
TEST_F(SocketPlace, IsOpenToOthers) {
  fs::permissions(playground_.sockets(), fs::perms(0777));
  expect(playground_.sockets(), "others may write to the socket directory");
}
TEST_F(SocketPlace, BelongsToSomebodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(chown(playground_.sockets().c_str(), 65534, 65534), 0);
  expect(playground_.sockets(), "does not belong to user root, and is not used");
}
TEST_F(SocketPlace, IsSharedWithOthers) {
  fs::create_directory(playground_ / "shared");
  ASSERT_EQ(chmod((playground_ / "shared").c_str(), 01777), 0);
  const std::string inside = playground_ / "shared/heapmeter";
  playground_.set("HEAPMETER_DIR", playground_ / "shared");
  const Outcome shared = diagnose(playground_, "/bin/true").outcome();
  EXPECT_TRUE(has(shared.out, "set HEAPMETER_DIR to a directory in it, such as " + inside)) << shared;
  EXPECT_FALSE(has(shared.out, "chmod")) << shared;
  playground_.set("HEAPMETER_DIR", inside);
  EXPECT_FALSE(diagnose(playground_, "/bin/true").has("socket_directory"));
}
TEST_F(SocketPlace, CannotBeMade) {
  expect("/nonexistent/deep/below", "for there is no /nonexistent/deep");
  write_file(playground_ / "file", "");
  expect(playground_ / "file" / "below", "is not a directory");
}
TEST_F(SocketPlace, IsMadeWhenItCanBe) {
  playground_.set("HEAPMETER_DIR", playground_ / "new");
  EXPECT_FALSE(diagnose(playground_, "/bin/true").has("socket_directory"));
  EXPECT_FALSE(fs::exists(playground_ / "new")) << "doctor only looks";
}
TEST_F(SocketPlace, IsTheStandardOneWhereTheLibraryIgnoresTheOther) {
  fs::create_directory(playground_ / "runtime");
  fs::permissions(playground_ / "runtime", fs::perms::owner_all);
  playground_.set("XDG_RUNTIME_DIR", playground_ / "runtime");
  playground_.set("HEAPMETER_DIR", "relative/path");
  EXPECT_FALSE(diagnose(playground_, "/bin/true").has("socket_directory"));
}

}  // namespace

// SPDX-License-Identifier: MIT
#include "symbols/jit_name.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace heapmeter::cli::symbols {
namespace {

std::string told(std::string_view text) {
  const Frame frame = told_by_runtime(text);
  return fmt::format("{}|{}|{}", frame.function, frame.file, frame.line);
}

TEST(JitName, OfAFunctionOfJavaScriptIsTheSameHoweverItWasOptimized) {
  for (const char *mark : {"~", "^", "+", "*", "'", ""})
    EXPECT_EQ(told(fmt::format("JS:{}put /srv/shop.js:3:20", mark)), "put|/srv/shop.js|3") << mark;
  EXPECT_EQ(told("LazyCompile:*put shop.js:3"), "put|shop.js|3");
  EXPECT_EQ(told("JS:^listOnTimeout node:internal/timers:524:25"), "listOnTimeout|node:internal/timers|524");
  EXPECT_EQ(told("JS:^ /srv/shop.js:6:23"), "(anonymous 6:23)|/srv/shop.js|6");
  EXPECT_EQ(told("JS:~get size /srv/my shop/a.js:6:23"), "get size|/srv/my shop/a.js|6");
  EXPECT_EQ(told("JS:*put file:///srv/shop.mjs:3:20"), "put|file:///srv/shop.mjs|3");
  EXPECT_EQ(told("Script:~ /srv/shop.js:1:1"), "(anonymous 1:1)|/srv/shop.js|1");
}

TEST(JitName, OfAFunctionOfPythonHasItsFile) {
  EXPECT_EQ(told("py::Cache.put:/srv/shop.py"), "Cache.put|/srv/shop.py|0");
  EXPECT_EQ(told("py::<module>:<string>"), "<module>|<string>|0");
  EXPECT_EQ(told("py::put"), "put||0");
}

TEST(JitName, OfAnythingElseIsWhatTheRuntimeSays) {
  for (const char *text : {"Lcom/shop/Cache;::put", "Builtin:ArrayMap", "JS:", "py::", "py:::", "put",
                           "RegExp:a+ b:3", "second /srv/shop.js:3"})
    EXPECT_EQ(told(text), fmt::format("{}||0", text));
}

TEST(JitName, WithoutAPlaceIsNoMoreThanAName) {
  EXPECT_EQ(told("JS:*put"), "put||0");
  EXPECT_EQ(told("JS:*put /srv/shop.js"), "put /srv/shop.js||0");
  EXPECT_EQ(told("JS:*put :3"), "put :3||0");
  EXPECT_EQ(told("JS:*put :3:4"), "put :3:4||0");
  EXPECT_EQ(told("JS:*put a:99999999999"), "put a:99999999999||0");
  EXPECT_EQ(told("JS:*"), "(anonymous)||0");
}

}  // namespace
}  // namespace heapmeter::cli::symbols

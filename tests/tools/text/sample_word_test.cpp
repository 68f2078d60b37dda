// SPDX-License-Identifier: MIT
#include "text/sample_word.h"

#include <gtest/gtest.h>

namespace heapmeter::cli {
namespace {

TEST(SampleWord, IsMadeOneOfTheLibrarys) {
  for (const auto &[text, word] : {std::pair{"every", "every"},
                                   {"off", "off"},
                                   {"512K", "512K"},
                                   {"512k", "512K"},
                                   {"1MiB", "1M"},
                                   {"3gb", ""},
                                   {"3GB", "3G"},
                                   {"4096", "4096"},
                                   {"0", ""},
                                   {"", ""},
                                   {"-1", ""},
                                   {"K", ""},
                                   {"1.5K", ""},
                                   {"12Kx", ""},
                                   {"every ", ""},
                                   {"2000000000G", ""},
                                   {"99999999999999999999", ""},
                                   {"1&for=2", ""}})
    EXPECT_EQ(sample_word(text).value_or(""), word) << text;
}

TEST(SampleWord, IsOfferedWhereAnotherIsNearlyIt) {
  EXPECT_EQ(
      no_sample_word("--sample ", "evry", "sites"),
      "--sample evry is no way to note which code allocates; did you mean every? Or give every, off, or one "
      "in so many bytes, such as 512K; see heapmeter sites --help");
  EXPECT_EQ(
      no_sample_word("--sites=", "512Q", "run"),
      "--sites=512Q is no way to note which code allocates; give every, off, or one in so many bytes, such "
      "as 512K; see heapmeter run --help");
}

}  // namespace
}  // namespace heapmeter::cli

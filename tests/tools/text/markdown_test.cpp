// SPDX-License-Identifier: MIT
#include "text/markdown.h"

#include <gtest/gtest.h>

namespace heapmeter::cli {
namespace {

TEST(Markdown, OfATextFromElsewhereHasNoMarkup) {
  EXPECT_EQ(markdown_text("1.91 MiB, 12 (perl)"), "1.91 MiB, 12 (perl)");
  EXPECT_EQ(markdown_text("a|b\\c `d` __init__ [x](y) *z*"),
            "a\\|b\\\\c \\`d\\` \\_\\_init\\_\\_ \\[x\\](y) \\*z\\*");
  EXPECT_EQ(markdown_text("<img src=x> &lt; # ~~ !"), "\\<img src=x\\> \\&lt; \\# \\~\\~ \\!");
  EXPECT_EQ(markdown_text("two\nlines\x1b[31m\xff"), "two?lines?\\[31m?");
}

}  // namespace
}  // namespace heapmeter::cli

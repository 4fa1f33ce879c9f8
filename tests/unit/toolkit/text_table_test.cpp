// SPDX-License-Identifier: Apache-2.0
#include "toolkit/text_table.h"

#include <gtest/gtest.h>

namespace xpuruntime::toolkit {
namespace {

TEST(TextTableTest, AlignsColumns) {
  TextTable table({Align::kLeft, Align::kRight, Align::kLeft});
  table.set_header({"name", "n", "text"});
  table.add_row({"a", "10", "x"});
  table.add_row({"long", "5", "y"});
  EXPECT_EQ(table.text(80),
            "name   n  text\n"
            "a     10  x\n"
            "long   5  y\n");
}

TEST(TextTableTest, CountsCharactersRatherThanBytes) {
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"é", "x"});
  table.add_row({"ab", "y"});
  EXPECT_EQ(table.text(80), "é   x\nab  y\n");
  EXPECT_EQ(display_width(Style(true).red("é")), 1u);
}

TEST(TextTableTest, WrapsTheLastColumn) {
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"key", "twenty columns are left for words"});
  EXPECT_EQ(table.text(27, Style(), 2),
            "  key  twenty columns are\n"
            "       left for words\n");
}

TEST(TextTableTest, KeepsAWordThatIsTooLong) {
  EXPECT_EQ(wrap_words("/a/very/long/path is here", 5),
            (std::vector<std::string>{"/a/very/long/path", "is", "here"}));
  EXPECT_EQ(wrap_words("", 5), std::vector<std::string>{""});
  EXPECT_EQ(wrap_words("a\nb", 5), (std::vector<std::string>{"a", "b"}));
}

TEST(TextTableTest, LeavesNoSpaceAtLineEnds) {
  TextTable table({Align::kLeft, Align::kLeft, Align::kLeft});
  table.add_row({"a", "", ""});
  table.add_row({"b"});
  EXPECT_EQ(table.text(80), "a\nb\n");
}

TEST(TextTableTest, ColoursOnlyWhenAsked) {
  TextTable table({Align::kLeft});
  table.set_header({"h"});
  EXPECT_EQ(table.text(80, Style(true)), "\x1b[1mh\x1b[0m\n");
  EXPECT_EQ(table.text(80, Style(false)), "h\n");
}

}  // namespace
}  // namespace xpuruntime::toolkit

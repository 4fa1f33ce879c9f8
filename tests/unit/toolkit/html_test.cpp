// SPDX-License-Identifier: Apache-2.0
#include "toolkit/html.h"

#include <gtest/gtest.h>

#include <numeric>

namespace xpuruntime::toolkit {
namespace {

TEST(HtmlTest, EscapesWhatPagesTakeForTheirOwn) {
  EXPECT_EQ(html_text("<b a=\"1\">&'"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;");
  EXPECT_EQ(html_text("a\x1b\x01z"), "a\\x1b\\x01z");
  EXPECT_EQ(html_text("\xc3\xa4"), "\xc3\xa4");
}

TEST(HtmlTest, PlacesValuesOnALinearAxis) {
  const Axis axis(1, 3);
  EXPECT_DOUBLE_EQ(axis.at(1), 0);
  EXPECT_DOUBLE_EQ(axis.at(2), 50);
  EXPECT_DOUBLE_EQ(axis.at(9), 100);
  EXPECT_DOUBLE_EQ(axis.at(0), 0);
}

TEST(HtmlTest, PlacesValuesThatAreFarApartOnALogarithmicAxis) {
  const Axis axis(1, 100);
  EXPECT_NEAR(axis.at(10), 50, 1e-9);
  const Axis decades = Axis::decades(2e-7, 3e-2);
  EXPECT_NEAR(decades.at(1e-7), 0, 1e-9);
  EXPECT_NEAR(decades.at(1e-1), 100, 1e-9);
}

TEST(HtmlTest, HasFewRoundTicks) {
  for (const auto& axis : {Axis(1, 1.0001), Axis(0.9, 3), Axis(3e-6, 5e-3), Axis(7e-5, 4e-3),
                           Axis::decades(1e-12, 1e6), Axis::decades(3e-9, 4e-9)}) {
    const auto ticks = axis.ticks();
    EXPECT_GE(ticks.size(), 2U);
    EXPECT_LE(ticks.size(), 12U);
    for (size_t i = 0; i < ticks.size(); ++i) {
      EXPECT_GE(ticks[i].at, 0);
      EXPECT_LE(ticks[i].at, 100);
      if (i > 0) {
        EXPECT_GT(ticks[i].value, ticks[i - 1].value);
      }
    }
  }
}

TEST(HtmlTest, CountsValuesIntoBins) {
  const std::vector<double> values{1, 1.1, 1.9, 2.5, 3, 99};
  const auto counts = histogram(Axis(1, 3), values, 2);
  EXPECT_EQ(counts, (std::vector<size_t>{3, 3}));
}

}  // namespace
}  // namespace xpuruntime::toolkit

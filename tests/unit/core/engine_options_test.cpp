// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/loaded_engine.h"
#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Options = std::map<std::string, std::string>;

EngineStatus engine() {
  EngineStatus status;
  status.name = "some";
  status.options = {{"fast", OptionType::kBool, "false", "", {}},
                    {"level", OptionType::kInt, "1", "", {}},
                    {"ratio", OptionType::kFloat, "1.0", "", {}},
                    {"mode", OptionType::kString, "a", "", {"a", "b"}},
                    {"ep.*", OptionType::kString, "", "", {}}};
  return status;
}

Options check(const Options& options) { return check_options(options, engine(), false); }

TEST(EngineOptionsTest, TakesValuesOfTheirTypes) {
  const Options given{{"level", "-3"}, {"ratio", "2.5e3"}, {"mode", "b"}, {"ep.any.thing", "x"}};
  EXPECT_EQ(check(given), given);
}

TEST(EngineOptionsTest, GivesBooleansInOneSpelling) {
  for (const char* yes : {"true", "1"}) EXPECT_EQ(check({{"fast", yes}}).at("fast"), "true");
  for (const char* no : {"false", "0"}) EXPECT_EQ(check({{"fast", no}}).at("fast"), "false");
}

TEST(EngineOptionsTest, RefusesValuesOfOtherTypes) {
  EXPECT_ERROR(check({{"fast", "yes"}}), InvalidArgumentError,
               "option 'fast' of engine some: expected true or false, got 'yes'");
  for (const char* value : {"", "x", "1.5", "1 ", "99999999999999999999"}) {
    EXPECT_ERROR(check({{"level", value}}), InvalidArgumentError,
                 HasSubstr("expected a whole number, got '" + std::string(value) + "'"));
  }
  for (const char* value : {"", "x", "1.5x", "1,5"}) {
    EXPECT_ERROR(check({{"ratio", value}}), InvalidArgumentError, HasSubstr("expected a number"));
  }
  EXPECT_ERROR(check({{"mode", "c"}}), InvalidArgumentError,
               "option 'mode' of engine some: expected one of a, b, got 'c'");
}

TEST(EngineOptionsTest, NamesTheNearestOfAnUnknownName) {
  EXPECT_ERROR(check({{"levle", "1"}}), UnsupportedOperationError,
               "engine some has no option 'levle'; it has: fast, level, ratio, mode, ep.*; did you "
               "mean 'level'?");
  EXPECT_ERROR(check({{"zzzzzzzz", "1"}}), UnsupportedOperationError,
               Not(HasSubstr("did you mean")));
}

TEST(EngineOptionsTest, APrefixNeedsANameBehindIt) {
  EXPECT_FALSE(has_option(engine(), "ep."));
  EXPECT_FALSE(has_option(engine(), "ep"));
  EXPECT_FALSE(has_option(engine(), "xep.a"));
  EXPECT_TRUE(has_option(engine(), "ep.a"));
}

TEST(EngineOptionsTest, OfAListTheUnknownArePassedOver) {
  EXPECT_EQ(check_options({{"level", "2"}, {"other", "1"}}, engine(), true),
            (Options{{"level", "2"}}));
  EXPECT_THROW(check_options({{"level", "x"}}, engine(), true), InvalidArgumentError);
}

}  // namespace
}  // namespace xpuruntime

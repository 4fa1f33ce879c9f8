// SPDX-License-Identifier: Apache-2.0
#include "call_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kLeaf = R"({"type": null, "context": null, "children_spec": []})";
constexpr const char* kTwoLeaves = R"({"type": null, "context": null, "children_spec": []},
                                      {"type": null, "context": null, "children_spec": []})";

std::string node(const std::string& type, const std::string& context, const std::string& children) {
  return R"({"type": ")" + type + R"(", "context": ")" + context + R"(", "children_spec": [)" +
         children + "]}";
}

std::string tree(const std::string& root) { return "[1, " + root + "]"; }

TEST(CallSpecTest, NamesInputsByOrderAndByKeyword) {
  const std::string args = node("builtins.tuple", "null", kTwoLeaves);
  const std::string kwargs = node("builtins.dict", R"([\"mask\"])", kLeaf);
  EXPECT_THAT(input_names(tree(node("builtins.tuple", "null", args + ", " + kwargs))),
              ElementsAre("input_0", "input_1", "mask"));
}

TEST(CallSpecTest, NamesOutputsAsTorchScriptsAre) {
  EXPECT_THAT(output_names(tree(kLeaf)), ElementsAre("output"));
  EXPECT_THAT(output_names(tree(node("builtins.list", "null", kTwoLeaves))),
              ElementsAre("output_0", "output_1"));
  const std::string pair = node("builtins.tuple", "null", kTwoLeaves);
  EXPECT_THAT(output_names(tree(
                  node("builtins.dict", R"([\"a\", \"b\"])", std::string(kLeaf) + ", " + pair))),
              ElementsAre("a", "b_0", "b_1"));
}

TEST(CallSpecTest, RefusesWhatItDoesNotKnow) {
  for (const char* spec : {"", "{", "[2, {}]", "[1]", "[1, 2]"}) {
    EXPECT_THROW(output_names(spec), engine::Failure) << spec;
  }
}

TEST(CallSpecTest, ReadsMetadataAsText) {
  const auto metadata = read_metadata(R"({"AOTI_DEVICE_KEY": "cpu", "n": 1})");
  EXPECT_EQ(metadata.at("AOTI_DEVICE_KEY"), "cpu");
  EXPECT_EQ(metadata.at("n"), "1");
  EXPECT_THAT(read_metadata(""), IsEmpty());
}

}  // namespace
}  // namespace xpuruntime::torch_engine

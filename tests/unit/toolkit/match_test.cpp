// SPDX-License-Identifier: Apache-2.0
#include "toolkit/match.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using Names = std::vector<std::string>;
using Places = std::vector<size_t>;

TEST(MatchTest, GoesByNameWhereAllNamesAreThere) {
  EXPECT_EQ(match_names(Names{"b", "a"}, Names{"a", "b", "c"}), (Places{1, 0}));
  EXPECT_EQ(match_names(Names{}, Names{}), Places{});
}

TEST(MatchTest, GoesByOrderWhereNoNameIsThere) {
  EXPECT_EQ(match_names(Names{"a", "b"}, Names{"x", "y"}), (Places{0, 1}));
  EXPECT_EQ(match_names(Names{"a", "b"}, Names{"x", "y", "z"}), std::nullopt);
}

TEST(MatchTest, GuessesNothingWhereSomeNamesAreThere) {
  EXPECT_EQ(match_names(Names{"a", "b"}, Names{"a", "y"}), std::nullopt);
}

TensorInfo info(const std::string& name, const Shape& shape, DType dtype = DType::kFloat32) {
  return {.name = name, .dtype = dtype, .shape = shape};
}

TEST(MatchTest, GivesInputsTheNamesOfTheModel) {
  const std::vector<TensorInfo> infos{info("x", {-1, 2}), info("y", {2})};
  const Tensor a(DType::kFloat32, {5, 2}), b(DType::kFloat32, {2});
  const auto matched = match_inputs(infos, {{"first", a}, {"second", b}}, "model");
  EXPECT_EQ(matched.at("x").shape(), a.shape());
  EXPECT_TRUE(matched.at("y").shares_memory(b));
}

TEST(MatchTest, AnInputWhoseTypeTheModelDoesNotSayTakesAny) {
  TensorInfo any = info("x", {}, DType::kUndefined);
  any.has_rank = false;
  const Tensor a(DType::kInt64, {5, 2});
  EXPECT_TRUE(match_inputs(std::vector{any}, {{"x", a}}, "model").at("x").shares_memory(a));
}

TEST(MatchTest, RefusesWhatDoesNotFit) {
  const std::vector<TensorInfo> infos{info("x", {-1, 2})};
  const auto refused = [&](const NamedTensors& inputs, const char* words) {
    EXPECT_ERROR(match_inputs(infos, inputs, "model m"), InvalidArgumentError, words);
  };
  refused({{"x", Tensor(DType::kFloat64, {1, 2})}}, "model m: input 'x': expected float32[?,2]");
  refused({{"x", Tensor(DType::kFloat32, {2})}}, "float32[2]");
  refused({{"x", Tensor(DType::kFloat32, {1, 3})}}, "float32[1,3]");
  refused({}, "got nothing");
  refused({{"x", Tensor(DType::kFloat32, {1, 2})}, {"y", Tensor(DType::kFloat32, {1})}}, "'y'");
}

}  // namespace
}  // namespace xpuruntime::toolkit

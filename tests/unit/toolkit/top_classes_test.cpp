// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/top_classes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

TEST(TopClassesTest, RanksEachRowByTheSoftmaxOfItsScores) {
  const auto rows = top_classes(Tensor::from<float>({0, 2, 1, 5, 5, -100}, {2, 3}), 2);
  ASSERT_EQ(rows.size(), 2U);
  ASSERT_EQ(rows[0].size(), 2U);
  EXPECT_EQ(rows[0][0].index, 1);
  EXPECT_NEAR(rows[0][0].confidence, std::exp(2) / (1 + std::exp(1) + std::exp(2)), 1e-12);
  EXPECT_EQ(rows[0][1].index, 2);
  EXPECT_EQ(rows[1][0].index, 0) << "the first of equal scores";
  EXPECT_NEAR(rows[1][0].confidence, 0.5, 1e-12);
}

TEST(TopClassesTest, TakesProbabilitiesAsTheyAre) {
  const auto rows = top_classes(Tensor::from<double>({0.1, 0.7, 0.2}, {3}), 10);
  ASSERT_EQ(rows.size(), 1U);
  ASSERT_EQ(rows[0].size(), 3U) << "there are no more";
  EXPECT_EQ(rows[0][0].confidence, 0.7);
  EXPECT_EQ(rows[0][2].index, 0);
}

TEST(TopClassesTest, ScoresThatAreFarApartDoNotOverflow) {
  const auto rows = top_classes(Tensor::from<float>({1e30f, -1e30f}, {1, 2}), 2);
  EXPECT_EQ(rows[0][0].confidence, 1);
  EXPECT_EQ(rows[0][1].confidence, 0);
}

TEST(TopClassesTest, RefusesWhatAreNoScores) {
  EXPECT_ERROR(top_classes(Tensor::from<int64_t>({1}, {1}), 1), InvalidArgumentError, "int64[1]");
  EXPECT_ERROR(top_classes(Tensor(), 1), InvalidArgumentError, "no tensor");
  EXPECT_ERROR(top_classes(Tensor::from<float>({1}, Shape{}), 1), InvalidArgumentError, "float32");
  EXPECT_ERROR(top_classes(Tensor(DType::kFloat32, {1, 0}), 1), InvalidArgumentError, "float32");
  EXPECT_ERROR(top_classes(Tensor::from<float>({1, NAN}, {2}), 1), InvalidArgumentError, "NaN");
}

TEST(TopClassesTest, ReadsLabelsALine) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_labels(folder.write("l.txt", "tench\r\n\ngreat white shark")),
            (std::vector<std::string>{"tench", "", "great white shark"}));
  EXPECT_ERROR(read_labels(folder / "none.txt"), InvalidArgumentError, "no such file");
}

}  // namespace
}  // namespace xpuruntime::toolkit

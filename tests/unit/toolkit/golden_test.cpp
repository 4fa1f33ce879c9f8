// SPDX-License-Identifier: Apache-2.0
#include "toolkit/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expect_error.h"
#include "toolkit/match.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

ModelInfo model(const std::string& input, std::initializer_list<std::string> outputs) {
  ModelInfo info;
  info.inputs.push_back({.name = input});
  for (const auto& output : outputs) info.outputs.push_back({.name = output});
  return info;
}

const ModelInfo kModel = model("x", {"y", "z"});

Tensor one(float value) { return Tensor::from<float>({value}, {1}); }

class GoldenTest : public ::testing::Test {
 protected:
  void write(const std::string& name, float value) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    path.extension() == ".pb" ? write_pb(path, one(value)) : write_npy(path, one(value));
  }
  std::vector<GoldenRun> read() const { return read_golden(folder_.path()); }

  const TemporaryFolder folder_;
};

TEST_F(GoldenTest, ReadsOnnxTestDataOfOneRun) {
  write("input_0.pb", 1);
  write("input_1.pb", 2);
  write("output_0.pb", 3);
  folder_.write("model.onnx", "not read");
  const auto runs = read();
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].name, folder_.path());
  EXPECT_THAT(names_of(runs[0].inputs), ElementsAre("input_0", "input_1"));
  EXPECT_THAT(names_of(runs[0].outputs), ElementsAre("output_0"));
  EXPECT_EQ(runs[0].outputs[0].values<float>()[0], 3);
}

TEST_F(GoldenTest, ReadsEveryTestDataSet) {
  for (const char* set : {"test_data_set_1", "test_data_set_0"}) {
    write(std::string(set) + "/input_0.pb", 1);
    write(std::string(set) + "/output_0.pb", 2);
  }
  const auto runs = read();
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].name, folder_ / "test_data_set_0");
  EXPECT_EQ(runs[1].name, folder_ / "test_data_set_1");
}

TEST_F(GoldenTest, ReadsWhatAModelWithoutInputsGives) {
  write("output_0.pb", 3);
  EXPECT_THAT(read(), SizeIs(1));
}

TEST_F(GoldenTest, TellsArraysApartByTheModelsNames) {
  write("y.npy", 2);
  write("x.npy", 1);
  const auto runs = read();
  ASSERT_THAT(runs, SizeIs(1));
  const GoldenRun run = sorted(runs[0], kModel);
  EXPECT_THAT(names_of(run.inputs), ElementsAre("x"));
  EXPECT_THAT(names_of(run.outputs), ElementsAre("y"));
}

TEST_F(GoldenTest, TakesAnInputThatIsAnOutputForBoth) {
  const GoldenRun run = sorted({.name = "g", .unsorted = {{"x", one(1)}}}, model("x", {"x"}));
  EXPECT_THAT(names_of(run.inputs), ElementsAre("x"));
  EXPECT_THAT(names_of(run.outputs), ElementsAre("x"));
}

TEST_F(GoldenTest, RefusesANameThatTheModelHasNot) {
  EXPECT_ERROR(sorted({.name = "g.npz", .unsorted = {{"x", one(1)}, {"yy", one(2)}}}, kModel),
               InvalidArgumentError,
               "golden data g.npz: 'yy' is neither an input nor an output of the model; it has "
               "inputs 'x' and outputs 'y', 'z'");
}

TEST_F(GoldenTest, RefusesWhatHoldsNoOutputs) {
  EXPECT_ERROR(sorted({.name = "g", .unsorted = {{"x", one(1)}}}, kModel), InvalidArgumentError,
               "at least one output");
  EXPECT_ERROR(read(), InvalidArgumentError, "found none of them");
  write("test_data_set_0/input_0.pb", 1);
  EXPECT_ERROR(read(), InvalidArgumentError, "output_0.pb");
  write("test_data_set_0/output_0.pb", 1);
  std::filesystem::create_directory(folder_ / "test_data_set_1");
  EXPECT_ERROR(read(), InvalidArgumentError, "test_data_set_1");
}

TEST_F(GoldenTest, RefusesWhatIsNotThere) {
  EXPECT_ERROR(read_golden(folder_ / "none.npz"), InvalidArgumentError, "none.npz");
  EXPECT_ERROR(read_golden(folder_ / "none"), InvalidArgumentError, "none");
}

}  // namespace
}  // namespace xpuruntime::toolkit

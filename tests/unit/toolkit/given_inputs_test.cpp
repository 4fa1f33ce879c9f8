// SPDX-License-Identifier: Apache-2.0
#include "toolkit/given_inputs.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "onnx/tensor.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

const Tensor kOne = Tensor::from<float>({1}, {1});
const Tensor kOneTwo = Tensor::from<float>({2}, {1});

void write_proto(const std::filesystem::path& path, const std::string& name, float value) {
  onnx::Tensor proto;
  proto.name = name;
  proto.dtype = onnx::DType::kFloat;
  proto.shape = {1};
  proto.bytes.assign(reinterpret_cast<const char*>(&value), sizeof value);
  std::ofstream(path, std::ios::binary) << onnx::serialize_tensor(proto);
}

float first(const Tensor& tensor) { return tensor.values<float>()[0]; }

TEST(GivenInputsTest, ReadsOneFile) {
  const TemporaryFolder folder;
  write_npy(folder / "x.npy", kOne);
  EXPECT_EQ(first(read_inputs(folder / "x.npy").at("x")), 1);
  write_proto(folder / "input_0.pb", "named", 2);
  EXPECT_EQ(first(read_inputs(folder / "input_0.pb").at("named")), 2);
}

TEST(GivenInputsTest, ReadsAFolderOfOnnxTestDataInItsOrder) {
  const TemporaryFolder folder;
  for (int i = 0; i < 11; ++i) {
    write_proto(folder / ("input_" + std::to_string(i) + ".pb"), "", static_cast<float>(i));
  }
  write_proto(folder / "output_0.pb", "y", 0);
  folder.write("readme.txt", "no tensor");
  const auto inputs = read_inputs(folder.path());
  ASSERT_EQ(inputs.size(), 11U);
  EXPECT_EQ(inputs.name(10), "input_10");
  EXPECT_EQ(first(inputs[10]), 10) << "by number, not by letters";
}

TEST(GivenInputsTest, ReadsAFolderOfArraysByTheirNames) {
  const TemporaryFolder folder;
  write_npy(folder / "b.npy", kOneTwo);
  write_npy(folder / "a.npy", kOne);
  const auto inputs = read_inputs(folder.path());
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(first(inputs.at("b")), 2);
}

TEST(GivenInputsTest, RefusesWhatHoldsNoInputs) {
  const TemporaryFolder folder;
  EXPECT_ERROR(read_inputs(folder.path()), InvalidArgumentError, "input_0.pb");
  EXPECT_ERROR(read_inputs(folder / "x.txt"), InvalidArgumentError, ".npz");
  EXPECT_THROW(read_inputs(folder / "none.npz"), InvalidArgumentError);
  EXPECT_THROW(read_inputs(folder / "none.pb"), InvalidArgumentError);
  write_proto(folder / "input_0.pb", "x", 0);
  write_proto(folder / "input_1.pb", "x", 0);
  EXPECT_ERROR(read_inputs(folder.path()), InvalidArgumentError, "'x' already");
}

TEST(GivenInputsTest, NamesTheFileThatDoesNotFit) {
  const TemporaryFolder folder;
  write_npy(folder / "x.npy", kOne);
  const std::vector<TensorInfo> infos{{.name = "x", .dtype = DType::kInt64, .shape = {1}}};
  EXPECT_ERROR(make_inputs({.input_path = folder / "x.npy"}, infos, "m.onnx"), InvalidArgumentError,
               "x.npy");
}

TEST(GivenInputsTest, MakesNothingButTensors) {
  const std::vector<TensorInfo> infos{{.name = "s", .kind = ValueKind::kSequence}};
  EXPECT_ERROR(make_inputs({}, infos, "m.onnx"), UnsupportedOperationError, "'s'");
}

}  // namespace
}  // namespace xpuruntime::toolkit

// SPDX-License-Identifier: Apache-2.0
/// What is wrong before anything is started. tests/e2e and tests/torch_engines convert.
#include "xpuruntime/toolkit/convert.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

class ConvertTest : public ::testing::Test {
 protected:
  ConvertOptions options(const std::string& format = "openvino") const {
    ConvertOptions options;
    options.format = format;
    return options;
  }

  const TemporaryFolder folder_;
  const std::filesystem::path model_ = folder_.write("m.onnx", "a model");
};

TEST_F(ConvertTest, NamesTheFormatsThatThereAre) {
  EXPECT_ERROR(convert(model_, options("coreml")), InvalidArgumentError,
               "there is no format 'coreml' to convert to; there are onnx, torchscript, pt2, "
               "executorch, openvino");
}

TEST_F(ConvertTest, RefusesASourceThatIsNotThere) {
  EXPECT_ERROR(convert(folder_ / "none.pth", options("onnx")), ModelNotFoundError, "none.pth");
}

TEST_F(ConvertTest, RefusesAnOutputThatCannotBe) {
  ConvertOptions asked = options();
  asked.output = folder_ / "m.onnx";
  EXPECT_ERROR(convert(model_, asked), InvalidArgumentError, "expected a name that ends in .xml");
  asked.output = folder_ / "none/m.xml";
  EXPECT_ERROR(convert(model_, asked), InvalidArgumentError, "there is no folder");
  EXPECT_ERROR(convert(model_, options("onnx")), InvalidArgumentError, "is the source");
  folder_.write("folder.xml/file", "");
  asked.output = folder_ / "folder.xml";
  EXPECT_ERROR(convert(model_, asked), InvalidArgumentError, "is a folder");
}

TEST_F(ConvertTest, OverwritesNothing) {
  folder_.write("m.bin", "");
  EXPECT_ERROR(convert(model_, options()), InvalidArgumentError,
               "m.bin exists; overwrite it on purpose (--force)");
}

TEST_F(ConvertTest, RefusesOptionsThatContradictEachOther) {
  ConvertOptions asked = options();
  asked.input_shapes = "x[1]";
  asked.source_options["inputs"] = "x[1]";
  EXPECT_ERROR(convert(model_, asked), InvalidArgumentError, "expected one");
  asked = options();
  asked.preprocessing = "[1]";
  EXPECT_ERROR(convert(model_, asked), InvalidArgumentError, "expected a JSON object");
  asked = options();
  asked.inputs.set("x", Tensor::from<float>({1}, {1}));
  asked.input_path = "x.npy";
  EXPECT_ERROR(convert(model_, asked), InvalidArgumentError, "expected one of the two");
}

TEST_F(ConvertTest, AgreesOnlyWhereSomethingWasRun) {
  ConvertReport report;
  EXPECT_FALSE(report.agrees());
  report.runs.emplace_back().outputs.push_back({.name = "y", .verdict = Verdict::kAgrees});
  EXPECT_TRUE(report.agrees());
  report.runs.emplace_back().outputs.push_back({.name = "y", .verdict = Verdict::kDiffers});
  EXPECT_FALSE(report.agrees());
  report.runs.pop_back();
  report.failure = "it could not be loaded";
  EXPECT_FALSE(report.agrees());
}

}  // namespace
}  // namespace xpuruntime::toolkit

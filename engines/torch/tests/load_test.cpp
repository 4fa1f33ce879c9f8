// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support.h"

namespace xpuruntime::torch_engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A copy of a model in a folder of its own, for notes that are wrong.
struct LoadTest : testing::Test {
  LoadTest() {
    fs::create_directories(folder);
    fs::copy_file(XPURT_TORCH_MODELS "/mlp.pt", folder / "mlp.pt");
  }
  ~LoadTest() override { fs::remove_all(folder); }
  /// What loading says with these notes.
  Outcome refusal_with(const std::string& notes) const {
    std::ofstream(folder / "mlp_info.json") << notes;
    return refusal(Source::path(folder / "mlp.pt"));
  }
  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_notes_" + std::to_string(getpid()));
};

TEST_F(LoadTest, TakesNamesTypesAndShapesFromTheNotesBesideAModel) {
  const auto model = plugin().load(made("multi_io.pt"));
  const xpurt_model_info& info = model.info();
  EXPECT_THAT(names(info.inputs, info.input_count), ElementsAre("values", "offset"));
  EXPECT_THAT(names(info.outputs, info.output_count), ElementsAre("shifted", "best", "positive"));
  EXPECT_EQ(info.inputs[1]->dtype, XPURT_INT64);
  EXPECT_EQ(info.outputs[2]->dtype, XPURT_BOOL);
}

TEST_F(LoadTest, TakesNamesFromTheGraphWhereNothingIsNoted) {
  const auto model = plugin().load(made("nested.pt"));
  const xpurt_model_info& info = model.info();
  EXPECT_THAT(names(info.inputs, info.input_count), ElementsAre("x"));
  EXPECT_THAT(names(info.outputs, info.output_count), ElementsAre("sum", "flat", "turned"));
  EXPECT_EQ(info.inputs[0]->dtype, XPURT_UNDEFINED);
  EXPECT_EQ(info.inputs[0]->rank, -1);
}

TEST_F(LoadTest, TakesTypeAndRankFromTheExampleOfATracedModel) {
  const auto model = plugin().load(made("traced.pt"));
  const xpurt_tensor_info& x = *model.info().inputs[0];
  EXPECT_EQ(x.dtype, XPURT_FLOAT);
  ASSERT_EQ(x.rank, 2);
  EXPECT_EQ(x.shape[0], -1);
  EXPECT_EQ(x.shape[1], -1);
  for (const int64_t rows : {1, 3, 7}) {  // and takes other sizes than the example's
    Sink sink(1);
    ASSERT_TRUE(model.context().run({ones({rows, 16})}, sink, 1).ok());
    EXPECT_THAT(sink.output(0)->shape, ElementsAre(rows, 4));
  }
}

TEST_F(LoadTest, LeavesArgumentsWithADefaultToTheModel) {
  const auto model = plugin().load(made("has_default.pt"));
  EXPECT_EQ(model.info().input_count, 1U);
  Sink sink(1);
  ASSERT_TRUE(model.context().run({ones({2})}, sink, 1).ok());
  EXPECT_THAT(values_of(sink.copy(0)), ElementsAre(2, 2));
}

TEST_F(LoadTest, SaysWhichArgumentIsNoTensor) {
  EXPECT_THAT(refusal(made("takes_number.pt")).text,
              AllOf(HasSubstr("'factor'"), HasSubstr("float"), HasSubstr("tensors alone")));
}

TEST_F(LoadTest, SaysThatTheNumberOfOutputsIsNotKnown) {
  EXPECT_THAT(refusal(made("any_length.pt")).text,
              AllOf(HasSubstr("length is not known"), HasSubstr("_info.json")));
}

TEST_F(LoadTest, TakesTheNumberOfOutputsFromTheNotes) {
  fs::copy_file(XPURT_TORCH_MODELS "/any_length.pt", folder / "any.pt");
  std::ofstream(folder / "any_info.json")
      << R"({"inputs": [{"name": "x"}], "outputs": [{"name": "a"}, {"name": "b"}]})";
  const auto model = plugin().load(Source::path(folder / "any.pt"));
  Sink two(2);
  EXPECT_TRUE(model.context().run({ones({2, 3})}, two, 2).ok());
  Sink three(2);
  const Outcome outcome = model.context().run({ones({3, 3})}, three, 2);
  EXPECT_EQ(outcome.code, XPURT_ENGINE);
  EXPECT_THAT(outcome.text, HasSubstr("of 3 where 2 outputs were expected"));
}

TEST_F(LoadTest, SaysWhatToDoWithWhatTorchSaveWrote) {
  for (const char* file : {"weights.pt", "old_weights.pt"}) {
    const Outcome outcome = refusal(made(file));
    EXPECT_EQ(outcome.code, XPURT_UNSUPPORTED_OPERATION);
    EXPECT_THAT(outcome.text, AllOf(HasSubstr("engine 'python'"), HasSubstr("model_factory")));
  }
}

TEST_F(LoadTest, SaysHowToMakeAPackageOfAnExportedProgram) {
  EXPECT_THAT(refusal(made("exported.pt2")).text,
              AllOf(HasSubstr("torch.export.save"), HasSubstr("aoti_compile_and_package")));
}

TEST_F(LoadTest, RefusesNotesThatDoNotFitTheModel) {
  const Outcome outcome = refusal_with(R"({"inputs": [], "outputs": [{"name": "y"}]})");
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("mlp_info.json"), HasSubstr("1 inputs and 1 outputs"),
                                  HasSubstr("0 and 1")));
}

TEST_F(LoadTest, RefusesNotesThatAreWrong) {
  const Outcome outcome = refusal_with("{");
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, HasSubstr("mlp_info.json"));
}

TEST_F(LoadTest, RefusesADeviceThatIsNotThere) {
  LoadOptions options;
  options.device = {XPURT_DEVICE_CUDA, 99};
  const Outcome outcome = refusal(made("mlp.pt"), options);
  EXPECT_EQ(outcome.code, XPURT_UNAVAILABLE);
  EXPECT_THAT(outcome.text,
              AllOf(HasSubstr("cuda:99"), HasSubstr("finds here:"), HasSubstr("cpu")));
}

TEST_F(LoadTest, RefusesOptionsOfGpusOnTheCpu) {
  for (const char* option : {"cudnn_benchmark", "memory_fraction"}) {
    const Outcome outcome = refusal(made("mlp.pt"), with({{option, "1"}}));
    EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
    EXPECT_THAT(outcome.text, AllOf(HasSubstr(option), HasSubstr("cuda")));
  }
}

TEST_F(LoadTest, KeepsOneNumberOfThreadsAProcess) {
  LoadOptions two;
  two.threads = 2;
  EXPECT_EQ(plugin().load(made("mlp.pt"), two).info().threads, 2);
  const Outcome outcome = refusal(made("mlp.pt"));
  EXPECT_EQ(outcome.code, XPURT_INVALID_STATE);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("fixed it at 2"), HasSubstr("asks for 1")));
}

TEST_F(LoadTest, AModelThatIsNotLoadedFixesNoThreads) {
  LoadOptions two;
  two.threads = 2;
  EXPECT_EQ(refusal(made("weights.pt"), two).code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_EQ(plugin().load(made("mlp.pt")).info().threads, 1);
}

}  // namespace
}  // namespace xpuruntime::torch_engine

// SPDX-License-Identifier: Apache-2.0
#include "model_notes/model_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace xpuruntime::model_notes {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

struct ModelNotesTest : testing::Test {
  ModelNotesTest() { fs::create_directories(folder); }
  ~ModelNotesTest() override { fs::remove_all(folder); }

  std::optional<ModelNotes> read(const std::string& text) const {
    std::ofstream(folder / "net_info.json") << text;
    return read_beside(folder / "net.pte");
  }
  /// What is said of notes that are wrong.
  std::string refusal(const std::string& text) const {
    try {
      read(text);
      return "it was read";
    } catch (const engine::Failure& failure) {
      EXPECT_EQ(failure.code, XPURT_INVALID_ARGUMENT);
      EXPECT_THAT(failure.what(), HasSubstr((folder / "net_info.json").string()));
      return failure.what();
    }
  }
  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_model_notes_" + std::to_string(getpid()));
};

std::string refusal_of(const TensorNote& note, const std::vector<int64_t>& shape) {
  try {
    check_shape(note, shape);
    return "it fits";
  } catch (const engine::Failure& failure) {
    EXPECT_EQ(failure.code, XPURT_INVALID_ARGUMENT);
    return failure.what();
  }
}

TEST_F(ModelNotesTest, ReadsAllThatIsNoted) {
  const auto notes = read(R"({
    "inputs": [{"name": "x", "dtype": "float16", "shape": [null, 3], "min": [1, 3], "max": [8, null],
                "more": 1}],
    "outputs": [{"name": "y", "dtype": "bool", "shape": []}],
    "preprocessing": {}})");
  ASSERT_TRUE(notes);
  const TensorNote& x = notes->inputs.at(0);
  EXPECT_EQ(x.spec.name, "x");
  EXPECT_EQ(x.spec.dtype, XPURT_FLOAT16);
  EXPECT_THAT(x.spec.shape, ElementsAre(-1, 3));
  EXPECT_THAT(x.min_shape, ElementsAre(1, 3));
  EXPECT_THAT(x.spec.max_shape, ElementsAre(8, -1));
  EXPECT_TRUE(notes->outputs.at(0).spec.has_rank);
  EXPECT_TRUE(notes->outputs.at(0).spec.shape.empty());
}

TEST_F(ModelNotesTest, LeavesOpenWhatIsNotNoted) {
  const auto notes = read(R"({"inputs": [{"name": "x"}], "outputs": []})");
  ASSERT_TRUE(notes);
  EXPECT_EQ(notes->inputs.at(0).spec.dtype, XPURT_UNDEFINED);
  EXPECT_FALSE(notes->inputs.at(0).spec.has_rank);
  EXPECT_EQ(refusal_of(notes->inputs[0], {1, 2, 3}), "it fits");
}

TEST_F(ModelNotesTest, GivesNothingWhereThereIsNoFile) {
  EXPECT_FALSE(read_beside(folder / "other.pte"));
  EXPECT_FALSE(read_beside("no/such/folder/net.pte"));
  EXPECT_FALSE(read(R"({"preprocessing": "imagenet"})")) << "nothing of tensors";
}

TEST_F(ModelNotesTest, NamesThePlaceThatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "expected a JSON object"},
      {"[1, 2]", "expected a JSON object"},
      {"{", "expected a JSON object"},
      {R"({"inputs": {}})", "expected a list 'inputs'"},
      {R"({"inputs": []})", "expected a list 'outputs'"},
      {R"({"inputs": [1], "outputs": []})", "inputs[0]: expected an object"},
      {R"({"inputs": [{"name": ""}], "outputs": []})", "inputs[0]: expected an object"},
      {R"({"inputs": [{"name": "x", "dtype": "float"}], "outputs": []})",
       "inputs[0].dtype: expected a name as NumPy has it, got \"float\""},
      {R"({"inputs": [], "outputs": [{"name": "y"}, {"name": "z", "shape": 3}]})",
       "outputs[1].shape: expected a list"},
      {R"({"inputs": [{"name": "x", "shape": [1.5]}], "outputs": []})", "got 1.5"},
      {R"({"inputs": [{"name": "x", "shape": [-2]}], "outputs": []})", "got -2"},
      {R"({"inputs": [{"name": "x", "shape": [-1], "max": []}], "outputs": []})",
       "inputs[0].max: expected as many as in shape"},
  };
  for (const auto& [notes, words] : wrong) EXPECT_THAT(refusal(notes), HasSubstr(words)) << notes;
}

TEST(CheckShapeTest, NamesInputDimensionAndBound) {
  TensorNote note;
  note.spec.name = "x";
  note.spec.shape = {-1, 3};
  note.spec.max_shape = {8, 3};
  note.min_shape = {2, 3};
  EXPECT_EQ(refusal_of(note, {2, 3}), "it fits");
  EXPECT_EQ(refusal_of(note, {8, 3}), "it fits");
  EXPECT_EQ(refusal_of(note, {9, 3}), "input 'x', dimension 0: expected at most 8, got 9");
  EXPECT_EQ(refusal_of(note, {1, 3}), "input 'x', dimension 0: expected at least 2, got 1");
  EXPECT_EQ(refusal_of(note, {2, 4}), "input 'x', dimension 1: expected 3, got 4");
  EXPECT_EQ(refusal_of(note, {2}), "input 'x': expected 2 dimensions, got 1");
}

TEST(CheckCountsTest, TellsBothNumbers) {
  ModelNotes notes;
  notes.file = "net_info.json";
  notes.inputs.resize(1);
  EXPECT_NO_THROW(check_counts(notes, 1, 0));
  try {
    check_counts(notes, 2, 1);
    FAIL() << "they differ";
  } catch (const engine::Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("2 inputs and 1 outputs"));
    EXPECT_THAT(failure.what(), HasSubstr("1 and 0"));
  }
}

}  // namespace
}  // namespace xpuruntime::model_notes

// SPDX-License-Identifier: Apache-2.0
// Files that are not what they claim to be: each a ParseError, and nothing on stderr.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "model_builder.h"
#include "onnx/model.h"

namespace xpuruntime::onnx::testing {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& bytes) {
  try {
    read_model(as_bytes(bytes), {.label = "m.onnx"});
  } catch (const ParseError& error) {
    return error.what();
  }
  return "no error";
}

std::string digits() {
  std::ifstream file(XPURT_TEST_DATA_DIR "/digits.onnx", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(BadFilesTest, EmptyAndForeignFilesAreNamed) {
  EXPECT_EQ(error_of(""), "m.onnx: empty (0 bytes read; expected protobuf ModelProto)");
  EXPECT_EQ(error_of("\x89PNG"),
            "m.onnx: not an ONNX model, or cut short (4 bytes read; expected protobuf ModelProto)");
  EXPECT_THAT(error_of("\x08\x08"), HasSubstr("protobuf ModelProto without a graph"));
}

TEST(BadFilesTest, MissingFilesAndFoldersAreNamed) {
  EXPECT_THROW(read_model(std::filesystem::path("/nowhere/m.onnx")), FileError);
  EXPECT_THROW(read_model(std::filesystem::path(XPURT_TEST_DATA_DIR)), FileError);
}

TEST(BadFilesTest, AModelCutAnywhereIsAnErrorOrAModel) {
  const std::string whole = digits();
  ASSERT_FALSE(whole.empty());
  ASSERT_EQ(error_of(whole), "no error");
  ::testing::internal::CaptureStderr();
  size_t errors = 0;
  for (size_t length = 0; length < whole.size(); length += 1 + length / 50) {
    errors += error_of(whole.substr(0, length)) != "no error" ? 1 : 0;
  }
  EXPECT_GT(errors, 100u);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(BadFilesTest, AModelWithWrongBytesIsAnErrorOrAModel) {
  const std::string whole = digits().substr(0, 4000);
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (int change = 0; change < 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    error_of(bytes);
  }
}

TEST(BadFilesTest, GraphsNestedWithoutEndAreRefused) {
  ModelBuilder builder;
  ::onnx::GraphProto* graph = &builder.graph();
  for (int depth = 0; depth < 200; ++depth) {
    auto& attribute = *graph->add_node()->add_attribute();
    attribute.set_type(::onnx::AttributeProto::GRAPH);
    graph = attribute.mutable_g();
  }
  EXPECT_THAT(error_of(builder.bytes()), HasSubstr("not an ONNX model"));
}

TEST(BadFilesTest, ALengthBeyondTheFileTakesNoMemory) {
  // Field 7, the graph, with a length of 2^31 - 16 bytes of which none is there.
  EXPECT_THAT(error_of("\x08\x08\x3a\xf0\xff\xff\xff\x07"), HasSubstr("cut short"));
}

}  // namespace
}  // namespace xpuruntime::onnx::testing

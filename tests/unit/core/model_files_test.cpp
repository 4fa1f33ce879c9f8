// SPDX-License-Identifier: Apache-2.0
#include "core/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A field of a message that is itself a message or a text.
std::string field(int number, const std::string& content) {
  std::string bytes;
  const auto add = [&](size_t value) {
    for (; value >= 128; value /= 128) bytes += static_cast<char>(value % 128 + 128);
    bytes += static_cast<char>(value);
  };
  add(static_cast<size_t>(number) * 8 + 2);
  add(content.size());
  return bytes + content;
}

std::string tensor(const std::string& location) {
  return field(13, field(1, "location") + field(2, location)) +
         field(13, field(1, "offset") + field(2, "4096"));
}

std::set<std::string> files_in(const std::string& model) {
  return files_beside("onnx", "m.onnx", std::as_bytes(std::span(model)));
}

TEST(ModelFilesTest, FindsExternalDataWhereverATensorMayBe) {
  const std::string attribute_tensor = field(5, field(5, tensor("attribute.bin")));
  const std::string branch = field(1, field(5, field(6, field(5, tensor("branch.bin")))));
  const std::string model = field(2, "producer") +
                            field(7, field(5, tensor("a.bin")) + field(5, tensor("sub/b.bin")) +
                                         field(5, tensor("a.bin")) + field(1, attribute_tensor) +
                                         branch + field(15, field(1, tensor("sparse.bin")))) +
                            field(25, field(7, attribute_tensor));
  EXPECT_THAT(files_in(model),
              ElementsAre("a.bin", "attribute.bin", "branch.bin", "sparse.bin", "sub/b.bin"));
}

TEST(ModelFilesTest, FindsNoneInAModelOfOneFile) {
  EXPECT_THAT(files_in(field(7, field(5, field(8, "location")))), IsEmpty());
  EXPECT_THAT(files_in(""), IsEmpty());
}

TEST(ModelFilesTest, RefusesEveryModelThatIsCutOffInside) {
  const std::string model = field(7, field(5, tensor("a.bin")) + field(5, tensor("b.bin")));
  int refused = 0;
  for (size_t size = 1; size < model.size(); ++size) {
    try {
      files_in(model.substr(0, size));
    } catch (const InvalidArgumentError&) {
      ++refused;
    }
  }
  EXPECT_EQ(refused, static_cast<int>(model.size()) - 1);
}

TEST(ModelFilesTest, RefusesMessagesDeeperThanProtobufReads) {
  std::string graph = field(5, tensor("deep.bin"));
  for (int depth = 0; depth < 60; ++depth) graph = field(1, field(5, field(6, graph)));
  EXPECT_ERROR(files_in(field(7, graph)), InvalidArgumentError, HasSubstr("no ONNX model"));
}

TEST(ModelFilesTest, KnowsTheWeightsOfAnOpenVinoModel) {
  EXPECT_THAT(files_beside("xml", "/models/net.v2.xml", {}), ElementsAre("net.v2.bin"));
  EXPECT_THAT(files_beside("fake", "m.fake", {}), IsEmpty());
}

TEST(ModelFilesTest, LooksAtBytesThatHaveNoFormat) {
  const std::string model = field(7, field(5, tensor("a.bin")));
  EXPECT_THAT(files_beside("", "", std::as_bytes(std::span(model))), ElementsAre("a.bin"));
  const std::string text = "<net/>";
  EXPECT_THAT(files_beside("", "", std::as_bytes(std::span(text))), IsEmpty());
}

}  // namespace
}  // namespace xpuruntime

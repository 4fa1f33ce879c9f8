// SPDX-License-Identifier: Apache-2.0
#include "worker/messages.h"

#include <gtest/gtest.h>

#include <cstring>

#include "worker/error.h"
#include "worker/error_names.h"

namespace xpuruntime::worker {
namespace {

TEST(MessagesTest, ReadsTheRunOfTheProtocolsPage) {
  const auto run = from_json<RunTensors>(
      R"({"tensors":[{"name":"x","dtype":1,"shape":[2],"offset":0,"bytes":8}]})");
  ASSERT_EQ(run.tensors.size(), 1u);
  EXPECT_EQ(run.tensors[0], (TensorPlace{"x", 1, {2}, 0, 8}));
  EXPECT_FALSE(run.timeout);
}

TEST(MessagesTest, ReadsWhatItWrites) {
  LoadedFacts facts;
  facts.engine = "onnxrt";
  facts.parallelism = 3;
  facts.placement = {{"onnxrt", 12}};
  facts.cache = {"rebuilt", "/cache/entry", "it was cut off"};
  facts.inputs = {{"x", 1, 1, true, {-1, 16}, {"N", ""}}};
  facts.outputs = {{"y", 1, 7, false, {}, {}}};
  facts.metadata = {{"key", "value"}};
  const auto read = from_json<LoadedFacts>(to_json(facts));
  EXPECT_EQ(read.engine, "onnxrt");
  EXPECT_EQ(read.parallelism, 3u);
  EXPECT_EQ(read.placement, facts.placement);
  EXPECT_EQ(read.cache, facts.cache);
  ASSERT_EQ(read.inputs.size(), 1u);
  EXPECT_EQ(read.inputs[0].shape, (std::vector<int64_t>{-1, 16}));
  EXPECT_EQ(read.inputs[0].dim_names, (std::vector<std::string>{"N", ""}));
  ASSERT_EQ(read.outputs.size(), 1u);
  EXPECT_FALSE(read.outputs[0].has_rank);
  EXPECT_EQ(read.metadata, facts.metadata);
}

TEST(MessagesTest, MendsTextThatIsNoUtf8) {
  const auto read = from_json<LogLine>(to_json(LogLine{"info",
                                                       "a\xff"
                                                       "b"}));
  EXPECT_EQ(read.text,
            "a\xEF\xBF\xBD"
            "b");
}

TEST(MessagesTest, SaysWhichMemberIsMissingOrWrong) {
  const auto words = [](const char* json) {
    try {
      from_json<RunTensors>(json);
      return std::string("nothing");
    } catch (const BadFrame& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(words("{}"), "member 'tensors' is missing");
  EXPECT_NE(words(R"({"tensors": 3})").find("'tensors': expected a list"), std::string::npos);
  EXPECT_NE(words(R"({"tensors": [{"name": 3}]})").find("'name'"), std::string::npos);
  EXPECT_NE(words(R"([])").find("expected an object"), std::string::npos);
  EXPECT_NE(words(R"({"tensors")").find("what should be JSON is none"), std::string::npos);
}

TEST(MessagesTest, RefusesNumbersThatDoNotFit) {
  const auto dtype = [](const std::string& number) {
    return R"({"tensors":[{"name":"x","shape":[],"offset":0,"bytes":0,"dtype":)" + number + "}]}";
  };
  EXPECT_NO_THROW(from_json<RunTensors>(dtype("1")));
  for (const char* wrong : {"4294967297", "1.5", "-3000000000", "\"1\"", "true", "null"}) {
    EXPECT_THROW(from_json<RunTensors>(dtype(wrong)), BadFrame) << wrong;
  }
}

TEST(MessagesTest, RefusesJsonThatIsNestedTooDeeply) {
  const std::string deep =
      R"({"a":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
  EXPECT_THROW(from_json<LogLine>(deep), BadFrame);
}

TEST(MessagesTest, KnowsTheClassesOfTheErrorTable) {
  EXPECT_EQ(error_class_of(1), "InvalidArgumentError");
  EXPECT_EQ(error_code_of("DeadlineExceededError"), 9);
  EXPECT_EQ(error_code_of("SomethingNew"), 14);
  EXPECT_EQ(error_class_of(99), "InternalError");
}

TEST(TensorsTest, LieBehindOneAnotherOnMultiplesOf64) {
  std::vector<TensorPlace> places{{"a", 2, {3}, 0, 3}, {"b", 1, {0}, 0, 0}, {"c", 7, {2}, 0, 16}};
  EXPECT_EQ(lay_out(places), 80u);
  EXPECT_EQ(places[0].offset, 0u);
  EXPECT_EQ(places[2].offset, 64u);
  EXPECT_NO_THROW(check_places(places, 80));
  EXPECT_THROW(check_places(places, 79), BadFrame);
}

TEST(TensorsTest, KnowTheBytesOfPackedTypes) {
  EXPECT_EQ(byte_count(22, std::vector<int64_t>{3}), 2u);   // int4
  EXPECT_EQ(byte_count(26, std::vector<int64_t>{5}), 2u);   // int2
  EXPECT_EQ(byte_count(27, std::vector<int64_t>{4}), 3u);   // float6
  EXPECT_EQ(byte_count(15, std::vector<int64_t>{2}), 32u);  // complex128
  EXPECT_EQ(byte_count(1, {}), 4u);
}

TEST(TensorsTest, RefuseBytesThatAreNotWhatTypeAndShapeSay) {
  const auto refuses = [](TensorPlace place, uint64_t payload = 1 << 20) {
    EXPECT_THROW(check_places({&place, 1}, payload), BadFrame);
  };
  refuses({"x", 1, {2}, 0, 7});
  refuses({"x", 1, {2}, 32, 8});
  refuses({"x", 1, {-1}, 0, 8});
  refuses({"x", 0, {2}, 0, 0});
  refuses({"x", 99, {2}, 0, 8});
  refuses({"x", 1, {INT64_MAX, INT64_MAX}, 0, 8});
  refuses({"x", 1, {INT64_MAX, 0}, 0, 0});
  refuses({"x", 1, {2}, UINT64_MAX - 63, 8});
  refuses({"x", 8, {2}, 0, 23});
  refuses({"x", 1, std::vector<int64_t>(65, 1), 0, 4});
}

TEST(TensorsTest, CheckTheOffsetsOfStrings) {
  const auto offsets_of = [](std::vector<int64_t> offsets, size_t characters) {
    std::vector<std::byte> payload(offsets.size() * 8 + characters);
    std::memcpy(payload.data(), offsets.data(), offsets.size() * 8);
    const TensorPlace place{
        "s", kStringType, {static_cast<int64_t>(offsets.size()) - 1}, 0, payload.size()};
    check_places({&place, 1}, payload.size());
    return string_offsets(place, payload);
  };
  EXPECT_EQ(offsets_of({0, 2, 3}, 3), (std::vector<int64_t>{0, 2, 3}));
  EXPECT_EQ(offsets_of({0}, 0), (std::vector<int64_t>{0}));
  EXPECT_THROW(offsets_of({0, 4, 3}, 3), BadFrame);
  EXPECT_THROW(offsets_of({1, 2, 3}, 3), BadFrame);
  EXPECT_THROW(offsets_of({0, 2, 4}, 3), BadFrame);
  EXPECT_THROW(offsets_of({0, -1, 3}, 3), BadFrame);
}

TEST(MessagesTest, TellTheFactsOfADeviceAsFarAsTheyAreKnown) {
  DeviceAnswer answer{.device = "cpu", .available = true};
  answer.facts.memory_bytes = uint64_t{1} << 40;
  answer.facts.cpu_quota = 1.5;
  answer.facts.features = {"avx2"};
  answer.facts.tests = {{"reference", "passed", ""}};
  const std::string json = to_json(answer);
  EXPECT_NE(json.find(R"("memory_bytes":1099511627776)"), json.npos) << json;
  const auto read = from_json<DeviceAnswer>(json);
  EXPECT_EQ(to_json(read), json);
  EXPECT_EQ(read.facts.cpu_quota, 1.5);
  EXPECT_EQ(read.facts.tests.at(0).result, "passed");
  const auto bare = from_json<DeviceAnswer>(
      R"({"device":"npu","available":false,"reason":"none","facts":{"cpu_quota":null}})");
  EXPECT_FALSE(bare.facts.cpu_quota);
  EXPECT_EQ(bare.facts.name, "");
  EXPECT_THROW(from_json<DeviceAnswer>(
                   R"({"device":"a","available":true,"reason":"","facts":{"cores":"many"}})"),
               BadFrame);
}

}  // namespace
}  // namespace xpuruntime::worker

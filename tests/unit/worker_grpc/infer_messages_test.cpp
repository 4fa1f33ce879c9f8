// SPDX-License-Identifier: Apache-2.0
#include "worker_grpc/infer_messages.h"

#include <gmock/gmock.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "protocol/open_inference.pb.h"
#include "worker/error.h"
#include "worker/messages.h"

namespace xpuruntime::worker_grpc {
namespace {

using worker::BadFrame;
using worker::Message;
using worker::MessageType;
using worker::RunTensors;
using worker::TensorPlace;

constexpr uint64_t kPlenty = 1 << 20;

Message read(const std::string& bytes, Kind kind, uint64_t max_payload = kPlenty) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  return read_message(stream, kind, max_payload);
}

std::string written(const Message& message, Kind kind) {
  std::string whole;
  for (const Piece& piece : write_message(message, kind)) {
    whole += piece.text;
    whole.append(reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size());
  }
  return whole;
}

/// A payload whose bytes count up from 1.
std::shared_ptr<worker::Block> counted(uint64_t bytes) {
  auto block = worker::heap_block(bytes);
  for (size_t i = 0; i < bytes; ++i) block->bytes()[i] = static_cast<std::byte>(i + 1);
  return block;
}

Message run_of(std::vector<TensorPlace> places) {
  const uint64_t bytes = worker::lay_out(places);
  return {MessageType::kRun, 7,
          worker::to_json(RunTensors{.tensors = std::move(places), .timeout = 1.5}),
          bytes > 0 ? counted(bytes) : nullptr};
}

std::string bytes_at(const Message& message, const TensorPlace& place) {
  const auto bytes = message.payload->bytes().subspan(place.offset, place.bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Two words, as they lie in a payload.
Message run_of_strings() {
  Message message = run_of({{"s", worker::kStringType, {2}, 0, 3 * 8 + 5}});
  const int64_t offsets[] = {0, 0, 5};
  std::memcpy(message.payload->bytes().data(), offsets, sizeof(offsets));
  return message;
}

class EachKind : public testing::TestWithParam<Kind> {};

TEST_P(EachKind, CarriesEveryTypeOfTensors) {
  std::vector<TensorPlace> places;
  for (int32_t dtype = 1; dtype <= 28; ++dtype) {
    if (worker::bits_of(dtype) == 0) continue;
    const std::vector<int64_t> shape{3, 1};
    places.push_back(
        {"t" + std::to_string(dtype), dtype, shape, 0, worker::byte_count(dtype, shape)});
  }
  places.push_back({"none", 1, {0, 4}, 0, 0});
  ASSERT_EQ(places.size(), 28u);
  const Message sent = run_of(places);
  const Message got = read(written(sent, GetParam()), GetParam());
  EXPECT_EQ(got.type, MessageType::kRun);
  EXPECT_EQ(got.id, 7u);
  const auto said = worker::from_json<RunTensors>(sent.json);
  const auto heard = worker::from_json<RunTensors>(got.json);
  EXPECT_EQ(heard, said);
  for (const TensorPlace& place : said.tensors) {
    EXPECT_EQ(bytes_at(got, place), bytes_at(sent, place)) << place.name;
  }
}

TEST_P(EachKind, SendsTensorsFromWhereTheyLie) {
  const Message sent =
      run_of({{"x", 2, {100}, 0, 100}, {"none", 1, {0}, 0, 0}, {"y", 2, {7}, 0, 7}});
  const std::byte* const begin = sent.payload->bytes().data();
  std::vector<const std::byte*> from;
  for (const Piece& piece : write_message(sent, GetParam())) {
    if (!piece.payload.empty()) from.push_back(piece.payload.data());
  }
  EXPECT_THAT(from, testing::ElementsAre(begin, begin + 128));
}

TEST_P(EachKind, CarriesStrings) {
  const Message sent = run_of_strings();
  const Message got = read(written(sent, GetParam()), GetParam());
  const auto place = worker::from_json<RunTensors>(got.json).tensors.at(0);
  EXPECT_EQ(place, worker::from_json<RunTensors>(sent.json).tensors.at(0));
  EXPECT_EQ(bytes_at(got, place), bytes_at(sent, place));
}

TEST_P(EachKind, CarriesWhatHasNoTensorsAsItIs) {
  // The last is refused by who reads tensors, and not before.
  for (const char* json :
       {"{}", R"({"tensors": []})", "[1, 2", R"({"engine": "\"tensors\""})",
        R"({"tensors":[{"name":"x","dtype":1,"shape":[9],"offset":0,"bytes":9}]})"}) {
    const Message sent{MessageType::kLoad, 3, json, counted(5)};
    const Message got = read(written(sent, GetParam()), GetParam());
    EXPECT_EQ(got.json, json);
    EXPECT_EQ(bytes_at(got, {.bytes = 5}), "\1\2\3\4\5");
  }
}

TEST_P(EachKind, RefusesAPayloadAboveTheLimit) {
  const std::string whole = written(run_of({{"x", 2, {100}, 0, 100}}), GetParam());
  EXPECT_NO_THROW(read(whole, GetParam(), 100));
  EXPECT_THROW(read(whole, GetParam(), 99), BadFrame);
}

TEST_P(EachKind, AnswersDamageByBadFrameAlone) {
  const std::string sound[] = {
      written(run_of_strings(), GetParam()),
      written(run_of({{"x", 1, {2, 2}, 0, 16}, {"z", 14, {1}, 0, 8}}), GetParam())};
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string damaged = sound[random() % 2];
    for (auto hits = random() % 3 + 1; hits > 0; --hits) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    try {
      const Message got = read(damaged, GetParam());
      const uint64_t bytes = got.payload != nullptr ? got.payload->bytes().size() : 0;
      EXPECT_LE(bytes, 4096u);
    } catch (const BadFrame&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

INSTANTIATE_TEST_SUITE_P(Both, EachKind, testing::Values(Kind::kRequest, Kind::kResponse),
                         [](const auto& each) {
                           return each.param == Kind::kRequest ? "request" : "response";
                         });

TEST(InferMessagesTest, SaysTensorsInTheProtocolsOwnWords) {
  inference::ModelInferRequest request;
  const Message sent = run_of({{"x", 1, {2, 2}, 0, 16}, {"z", 14, {1}, 0, 8}});
  ASSERT_TRUE(request.ParseFromString(written(sent, Kind::kRequest)));
  EXPECT_EQ(request.id(), "7");
  EXPECT_EQ(request.parameters().at("type").string_param(), "run");
  EXPECT_EQ(request.parameters().at("json").string_param(), R"({"copies":[],"timeout":1.5})");
  EXPECT_EQ(request.inputs(0).name(), "x");
  EXPECT_EQ(request.inputs(0).datatype(), "FP32");
  EXPECT_THAT(request.inputs(0).shape(), testing::ElementsAre(2, 2));
  EXPECT_EQ(request.raw_input_contents(0).size(), 16u);
  EXPECT_EQ(request.inputs(1).datatype(), "UINT8");
  EXPECT_THAT(request.inputs(1).shape(), testing::ElementsAre(8));
  EXPECT_EQ(request.inputs(1).parameters().at("dtype").int64_param(), 14);
  EXPECT_EQ(request.inputs(1).parameters().at("shape").string_param(), "[1]");
}

TEST(InferMessagesTest, TellsWhatAServerOfTheProtocolSaysInstead) {
  inference::ModelStreamInferResponse response;
  response.set_error_message("no such model");
  try {
    read(response.SerializeAsString(), Kind::kResponse);
    FAIL();
  } catch (const BadFrame& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("no such model"));
  }
}

}  // namespace
}  // namespace xpuruntime::worker_grpc

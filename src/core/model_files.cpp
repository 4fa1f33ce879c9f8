// SPDX-License-Identifier: Apache-2.0
#include "model_files.h"

#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using Bytes = std::span<const std::byte>;

/// Messages of ONNX on the way to external data.
enum class Message {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparse,
  kFunction,
  kTraining,
  kEntry
};

/// Field `field` of message `in` is a message `to` (onnx-ml.proto).
struct Step {
  Message in;
  uint64_t field;
  Message to;
};

constexpr Step kSteps[] = {
    {Message::kModel, 7, Message::kGraph},       {Message::kModel, 20, Message::kTraining},
    {Message::kModel, 25, Message::kFunction},   {Message::kGraph, 1, Message::kNode},
    {Message::kGraph, 5, Message::kTensor},      {Message::kGraph, 15, Message::kSparse},
    {Message::kNode, 5, Message::kAttribute},    {Message::kAttribute, 5, Message::kTensor},
    {Message::kAttribute, 6, Message::kGraph},   {Message::kAttribute, 10, Message::kTensor},
    {Message::kAttribute, 11, Message::kGraph},  {Message::kAttribute, 22, Message::kSparse},
    {Message::kAttribute, 23, Message::kSparse}, {Message::kTensor, 13, Message::kEntry},
    {Message::kSparse, 1, Message::kTensor},     {Message::kSparse, 2, Message::kTensor},
    {Message::kFunction, 7, Message::kNode},     {Message::kFunction, 11, Message::kAttribute},
    {Message::kTraining, 1, Message::kGraph},    {Message::kTraining, 2, Message::kGraph},
};

std::optional<Message> step_from(Message in, uint64_t field) {
  for (const Step& step : kSteps) {
    if (step.in == in && step.field == field) return step.to;
  }
  return std::nullopt;
}

/// Reads the wire format of Protocol Buffers front to back.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  bool read_varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 127) << shift;
      if (byte < 128) return true;
    }
    return false;
  }
  bool read(uint64_t count, Bytes& bytes) {
    if (count > rest_.size()) return false;
    bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return true;
  }
  /// The next field; its bytes are empty unless it is length-delimited.
  bool read_field(uint64_t& field, Bytes& bytes) {
    uint64_t tag = 0;
    uint64_t number = 0;
    if (!read_varint(tag)) return false;
    field = tag >> 3;
    bytes = {};
    Bytes skipped;
    switch (tag & 7) {
      case 0:
        return read_varint(number);
      case 1:
        return read(8, skipped);
      case 2:
        return read_varint(number) && read(number, bytes);
      case 5:
        return read(4, skipped);
      default:
        return false;
    }
  }

 private:
  Bytes rest_;
};

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// false: it is no such message.
bool collect(Bytes message, Message type, int depth, std::set<std::string>& files) {
  constexpr int kDeepest = 100;  // as protobuf itself goes
  if (depth > kDeepest) return false;
  Reader reader(message);
  std::string_view key;
  std::string_view value;
  while (!reader.at_end()) {
    uint64_t field = 0;
    Bytes bytes;
    if (!reader.read_field(field, bytes)) return false;
    if (type == Message::kEntry) (field == 1 ? key : value) = text_of(bytes);
    if (const auto to = step_from(type, field)) {
      if (!collect(bytes, *to, depth + 1, files)) return false;
    }
  }
  if (key == "location") files.emplace(value);
  return true;
}

}  // namespace

std::string format_of(const std::filesystem::path& path) {
  std::string format = path.extension().string();
  format.erase(0, 1);
  for (char& c : format) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return format;
}

std::set<std::string> files_beside(std::string_view format, const std::filesystem::path& path,
                                   Bytes bytes) {
  if (format == "xml") {
    std::filesystem::path weights = path.filename();
    return {weights.replace_extension(".bin").string()};
  }
  std::set<std::string> files;
  if (collect(bytes, Message::kModel, 0, files)) return files;
  if (format == "onnx") {
    throw InvalidArgumentError("the model is no ONNX model that can be read to its end");
  }
  return {};
}

}  // namespace xpuruntime

// SPDX-License-Identifier: Apache-2.0
#include "infer_tensors.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "worker/error.h"

namespace xpuruntime::worker_grpc {
namespace {

using worker::BadFrame;

constexpr std::pair<int32_t, std::string_view> kDatatypes[] = {
    {1, "FP32"},  {2, "UINT8"},   {3, "INT8"},    {4, "UINT16"}, {5, "INT16"},
    {6, "INT32"}, {7, "INT64"},   {8, "BYTES"},   {9, "BOOL"},   {10, "FP16"},
    {11, "FP64"}, {12, "UINT32"}, {13, "UINT64"}, {16, "BF16"},
};

constexpr size_t kLengthBytes = 4;

uint32_t length_at(const char* from) {
  uint32_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<uint32_t>(static_cast<unsigned char>(from[i])) << (8 * i);
  }
  return length;
}

}  // namespace

std::string_view datatype_of(int32_t dtype) {
  const auto* const found =
      std::ranges::find(kDatatypes, dtype, [](const auto& each) { return each.first; });
  return found != std::end(kDatatypes) ? found->second : std::string_view();
}

std::optional<int32_t> dtype_named(std::string_view datatype) {
  const auto* const found =
      std::ranges::find(kDatatypes, datatype, [](const auto& each) { return each.second; });
  return found != std::end(kDatatypes) ? std::optional(found->first) : std::nullopt;
}

std::string bytes_of_strings(const worker::TensorPlace& place, std::span<const std::byte> payload) {
  const std::vector<int64_t> offsets = worker::string_offsets(place, payload);
  const auto text = payload.subspan(place.offset + offsets.size() * sizeof(int64_t));
  std::string raw;
  raw.reserve(place.bytes);
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const auto length = static_cast<uint64_t>(offsets[i + 1] - offsets[i]);
    if (length > std::numeric_limits<uint32_t>::max()) {
      throw BadFrame("tensor '" + place.name + "': a string of " + std::to_string(length) +
                     " bytes is longer than transport grpc takes");
    }
    for (size_t byte = 0; byte < kLengthBytes; ++byte) {
      raw.push_back(static_cast<char>(length >> (8 * byte)));
    }
    const auto begin = static_cast<size_t>(offsets[i]);
    raw.append(reinterpret_cast<const char*>(text.data()) + begin, static_cast<size_t>(length));
  }
  return raw;
}

uint64_t string_bytes(std::span<const int64_t> shape, std::string_view raw) {
  const uint64_t count = worker::element_count(shape);
  uint64_t found = 0;
  uint64_t characters = 0;
  while (!raw.empty()) {
    const uint64_t length = raw.size() < kLengthBytes ? 0 : length_at(raw.data());
    if (raw.size() < kLengthBytes || raw.size() - kLengthBytes < length) {
      throw BadFrame("a string of a tensor is cut");
    }
    raw.remove_prefix(kLengthBytes + static_cast<size_t>(length));
    characters += length;
    ++found;
  }
  if (found != count) {
    throw BadFrame("expected " + std::to_string(count) + " strings in a tensor, got " +
                   std::to_string(found));
  }
  return sizeof(int64_t) * (count + 1) + characters;
}

void put_strings(std::string_view raw, uint64_t count, std::span<std::byte> to) {
  auto* const offsets = to.data();
  auto* const text = to.data() + sizeof(int64_t) * (count + 1);
  int64_t end = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const size_t length = length_at(raw.data());
    std::memcpy(offsets + sizeof(int64_t) * i, &end, sizeof(int64_t));
    std::memcpy(text + end, raw.data() + kLengthBytes, length);
    end += static_cast<int64_t>(length);
    raw.remove_prefix(kLengthBytes + length);
  }
  std::memcpy(offsets + sizeof(int64_t) * count, &end, sizeof(int64_t));
}

}  // namespace xpuruntime::worker_grpc

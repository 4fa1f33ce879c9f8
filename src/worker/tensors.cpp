// SPDX-License-Identifier: Apache-2.0
#include "tensors.h"

#include <algorithm>
#include <cstring>

#include "error.h"
#include "frame.h"

namespace xpuruntime::worker {
namespace {

constexpr uint64_t kMaxElements = uint64_t{1} << 48;

/// By number of the type, from 0 on.
constexpr uint32_t kBits[] = {0,   32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64,
                              128, 16, 8, 8, 8,  8,  4,  4,  4, 8, 2,  2,  6,  6};

[[noreturn]] void refuse(const TensorPlace& place, const std::string& what) {
  throw BadFrame("tensor '" + place.name + "': " + what);
}

uint64_t expected_bytes(const TensorPlace& place) {
  if (place.dtype != kStringType) return byte_count(place.dtype, place.shape);
  const uint64_t offsets = 8 * (element_count(place.shape) + 1);
  if (place.bytes < offsets) {
    refuse(place, std::to_string(place.bytes) + " bytes do not hold its offsets");
  }
  return place.bytes;
}

void check_place(const TensorPlace& place, uint64_t payload_bytes) {
  uint64_t expected = 0;
  try {
    expected = expected_bytes(place);
  } catch (const BadFrame& error) {
    refuse(place, error.what());
  }
  if (place.bytes != expected) {
    refuse(place,
           "expected " + std::to_string(expected) + " bytes, got " + std::to_string(place.bytes));
  }
  if (place.bytes == 0) return;  // it lies nowhere
  if (place.offset % kPayloadAlignment != 0) {
    refuse(place, "offset " + std::to_string(place.offset) + " is not a multiple of 64");
  }
  if (place.offset > payload_bytes || place.bytes > payload_bytes - place.offset) {
    refuse(place, std::to_string(place.bytes) + " bytes at offset " + std::to_string(place.offset) +
                      " do not lie in a payload of " + std::to_string(payload_bytes));
  }
}

}  // namespace

uint32_t bits_of(int32_t dtype) {
  return dtype > 0 && dtype < static_cast<int32_t>(std::size(kBits))
             ? kBits[static_cast<size_t>(dtype)]
             : 0;
}

uint64_t element_count(std::span<const int64_t> shape) {
  if (shape.size() > kMaxRank) {
    throw BadFrame(std::to_string(shape.size()) + " dimensions are more than " +
                   std::to_string(kMaxRank));
  }
  uint64_t product = 1;  // of the dimensions that are not 0: it has to stay small also beside one
  bool is_empty = false;
  for (const int64_t size : shape) {
    if (size < 0) throw BadFrame("dimension " + std::to_string(size) + " is negative");
    is_empty = is_empty || size == 0;
    if (size == 0) continue;
    if (static_cast<uint64_t>(size) > kMaxElements / product) {
      throw BadFrame("it has more than 2^48 elements");
    }
    product *= static_cast<uint64_t>(size);
  }
  return is_empty ? 0 : product;
}

uint64_t byte_count(int32_t dtype, std::span<const int64_t> shape) {
  const uint32_t bits = bits_of(dtype);
  if (bits == 0) throw BadFrame("type " + std::to_string(dtype) + " is not one of a tensor");
  return (element_count(shape) * bits + 7) / 8;
}

uint64_t lay_out(std::span<TensorPlace> places) {
  uint64_t end = 0;
  uint64_t next = 0;
  for (TensorPlace& place : places) {
    place.offset = next;
    if (place.bytes == 0) continue;
    end = next + place.bytes;
    next = (end + kPayloadAlignment - 1) & ~(kPayloadAlignment - 1);
  }
  return end;
}

void check_places(std::span<const TensorPlace> places, uint64_t payload_bytes) {
  if (places.size() > kMaxTensors) {
    throw BadFrame(std::to_string(places.size()) + " tensors are more than " +
                   std::to_string(kMaxTensors));
  }
  for (const TensorPlace& place : places) check_place(place, payload_bytes);
}

std::vector<int64_t> string_offsets(const TensorPlace& place, std::span<const std::byte> payload) {
  const uint64_t count = element_count(place.shape);
  std::vector<int64_t> offsets(static_cast<size_t>(count + 1));
  std::memcpy(offsets.data(), payload.data() + place.offset, offsets.size() * sizeof(int64_t));
  const auto characters = static_cast<int64_t>(place.bytes - offsets.size() * sizeof(int64_t));
  if (offsets.front() != 0 || offsets.back() != characters || !std::ranges::is_sorted(offsets)) {
    refuse(place, "the offsets of its strings do not go from 0 to " + std::to_string(characters));
  }
  return offsets;
}

}  // namespace xpuruntime::worker

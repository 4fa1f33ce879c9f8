// SPDX-License-Identifier: Apache-2.0
#include "frame.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "error.h"

namespace xpuruntime::worker {
namespace {

constexpr std::array<std::byte, 4> kMagic{std::byte{'X'}, std::byte{'P'}, std::byte{'R'},
                                          std::byte{'W'}};

constexpr std::pair<MessageType, std::string_view> kNames[] = {
    {MessageType::kHello, "hello"},
    {MessageType::kLoad, "load"},
    {MessageType::kInfo, "info"},
    {MessageType::kRun, "run"},
    {MessageType::kConvert, "convert"},
    {MessageType::kStats, "stats"},
    {MessageType::kCheckDevice, "check_device"},
    {MessageType::kHealth, "health"},
    {MessageType::kCancel, "cancel"},
    {MessageType::kShutdown, "shutdown"},
    {MessageType::kReply, "reply"},
    {MessageType::kError, "error"},
    {MessageType::kProgress, "progress"},
    {MessageType::kLog, "log"},
    {MessageType::kSegments, "segments"},
};

/// Little-endian, whatever the machine is.
template <typename Number>
void put(std::byte* to, Number number) {
  for (size_t i = 0; i < sizeof(Number); ++i) {
    to[i] = static_cast<std::byte>(static_cast<uint64_t>(number) >> (8 * i));
  }
}

template <typename Number>
Number get(const std::byte* from) {
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number |= std::to_integer<uint64_t>(from[i]) << (8 * i);
  }
  return static_cast<Number>(number);
}

void expect(bool holds, const std::string& what, uint64_t id = 0) {
  if (!holds) throw BadFrame(what, id);
}

}  // namespace

std::string_view name_of(MessageType type) {
  const auto* const found = std::ranges::find(kNames, type, [](const auto& e) { return e.first; });
  return found != std::end(kNames) ? found->second : std::string_view();
}

std::optional<MessageType> type_named(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name, [](const auto& e) { return e.second; });
  return found != std::end(kNames) ? std::optional(found->first) : std::nullopt;
}

std::array<std::byte, kHeaderBytes> encode(const Header& header) {
  std::array<std::byte, kHeaderBytes> bytes{};
  std::ranges::copy(kMagic, bytes.begin());
  put(&bytes[4], kProtocolVersion);
  put(&bytes[6], static_cast<uint16_t>(header.type));
  put(&bytes[8], header.flags);
  put(&bytes[12], header.json_bytes);
  put(&bytes[16], header.id);
  put(&bytes[24], header.payload_bytes);
  return bytes;
}

std::array<std::byte, kPlaceBytes> encode(const Place& place) {
  std::array<std::byte, kPlaceBytes> bytes{};
  put(&bytes[0], place.segment);
  put(&bytes[8], place.segment_bytes);
  put(&bytes[16], place.offset);
  return bytes;
}

Header decode_header(std::span<const std::byte, kHeaderBytes> bytes, uint64_t max_payload) {
  expect(std::ranges::equal(bytes.first(4), kMagic),
         "what came does not begin as a frame: expected 'XPRW'");
  Header header;
  header.id = get<uint64_t>(&bytes[16]);
  const auto version = get<uint16_t>(&bytes[4]);
  expect(version == kProtocolVersion,
         "the frame is of version " + std::to_string(version) + " of the worker protocol, and " +
             std::to_string(kProtocolVersion) + " is spoken here",
         header.id);
  header.type = static_cast<MessageType>(get<uint16_t>(&bytes[6]));
  // A request that is not known can be answered; what else is not known cannot.
  const auto number = static_cast<uint16_t>(header.type);
  expect(number < 64 || !name_of(header.type).empty(),
         "there is no message type " + std::to_string(number), header.id);
  header.flags = get<uint32_t>(&bytes[8]);
  header.json_bytes = get<uint32_t>(&bytes[12]);
  header.payload_bytes = get<uint64_t>(&bytes[24]);
  expect((header.flags & ~kShared) == 0, "flags " + std::to_string(header.flags) + " are not known",
         header.id);
  expect((header.flags & kShared) == 0 || header.payload_bytes > 0,
         "a payload of 0 bytes cannot be shared", header.id);
  expect(header.json_bytes <= kMaxJsonBytes,
         std::to_string(header.json_bytes) + " bytes of JSON are announced, and at most " +
             std::to_string(kMaxJsonBytes) + " are taken",
         header.id);
  expect(header.payload_bytes <= std::min(max_payload, kMaxPayloadBytes),
         "a payload of " + std::to_string(header.payload_bytes) +
             " bytes is announced, and at most " +
             std::to_string(std::min(max_payload, kMaxPayloadBytes)) + " are taken",
         header.id);
  return header;
}

Place decode_place(std::span<const std::byte, kPlaceBytes> bytes, const Header& header) {
  const Place place{get<uint64_t>(&bytes[0]), get<uint64_t>(&bytes[8]), get<uint64_t>(&bytes[16])};
  expect(place.segment != 0, "segment 0 is none", header.id);
  expect(place.segment_bytes <= kMaxPayloadBytes,
         "a segment of " + std::to_string(place.segment_bytes) + " bytes is too long", header.id);
  expect(place.offset % kPayloadAlignment == 0,
         "a payload at offset " + std::to_string(place.offset) + " is not aligned", header.id);
  expect(place.offset <= place.segment_bytes &&
             header.payload_bytes <= place.segment_bytes - place.offset,
         std::to_string(header.payload_bytes) + " bytes at offset " + std::to_string(place.offset) +
             " do not lie in a segment of " + std::to_string(place.segment_bytes),
         header.id);
  return place;
}

}  // namespace xpuruntime::worker

// SPDX-License-Identifier: Apache-2.0
/// The header that every frame begins with (docs/worker_protocol.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace xpuruntime::worker {

enum class MessageType : uint16_t {
  kHello = 1,
  kLoad = 2,
  kInfo = 3,
  kRun = 4,
  kConvert = 5,
  kStats = 6,
  kCheckDevice = 7,
  kHealth = 8,
  kCancel = 9,
  kShutdown = 10,
  kReply = 64,
  kError = 65,
  kProgress = 66,
  kLog = 67,
  kSegments = 68,
};

/// "run"; "" for a type that there is not.
std::string_view name_of(MessageType type);
std::optional<MessageType> type_named(std::string_view name);

inline constexpr uint16_t kProtocolVersion = 1;
inline constexpr size_t kHeaderBytes = 32;
inline constexpr size_t kPlaceBytes = 24;
inline constexpr uint32_t kMaxJsonBytes = uint32_t{16} << 20;
inline constexpr uint64_t kMaxPayloadBytes = uint64_t{1} << 40;
inline constexpr size_t kPayloadAlignment = 64;

/// The payload lies in a segment of shared memory.
inline constexpr uint32_t kShared = 1;

struct Header {
  MessageType type{};
  uint32_t flags = 0;
  uint32_t json_bytes = 0;
  uint64_t id = 0;
  uint64_t payload_bytes = 0;

  bool operator==(const Header&) const = default;
};

/// Where a payload lies, which follows the header of a frame with kShared.
struct Place {
  uint64_t segment = 0;
  uint64_t segment_bytes = 0;
  uint64_t offset = 0;

  bool operator==(const Place&) const = default;
};

std::array<std::byte, kHeaderBytes> encode(const Header& header);
std::array<std::byte, kPlaceBytes> encode(const Place& place);
/// Throws BadFrame for what breaks the protocol: magic, version, type, flags, sizes.
Header decode_header(std::span<const std::byte, kHeaderBytes> bytes,
                     uint64_t max_payload = kMaxPayloadBytes);
/// Throws BadFrame for a place that cannot hold the payload of `header`.
Place decode_place(std::span<const std::byte, kPlaceBytes> bytes, const Header& header);

}  // namespace xpuruntime::worker

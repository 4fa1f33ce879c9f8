// SPDX-License-Identifier: Apache-2.0
#include "base64.h"

#include <array>
#include <cstdint>

#include "error.h"

namespace xpuruntime::worker {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 255;

constexpr std::array<uint8_t, 256> kValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kNone);
  for (size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<uint8_t>(kDigits[i])] = static_cast<uint8_t>(i);
  }
  return values;
}();

}  // namespace

void append_base64(std::string& to, std::span<const std::byte> bytes) {
  const size_t begin = to.size();
  to.resize(begin + (bytes.size() + 2) / 3 * 4, '=');
  char* out = to.data() + begin;
  const auto put = [&](const std::byte* from, size_t count) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? std::to_integer<uint32_t>(from[k]) : 0);
    }
    for (size_t k = 0; k <= count; ++k) out[k] = kDigits[group >> (18 - 6 * k) & 63];
    out += 4;
  };
  const size_t whole = bytes.size() / 3 * 3;
  for (size_t i = 0; i < whole; i += 3) put(bytes.data() + i, 3);
  if (whole < bytes.size()) put(bytes.data() + whole, bytes.size() - whole);
}

std::shared_ptr<Block> from_base64(std::string_view text) {
  if (text.empty()) return nullptr;
  if (text.size() % 4 != 0) throw BadFrame("a payload in base64 has no multiple of 4 characters");
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  auto block = heap_block(text.size() / 4 * 3 - padding);
  std::byte* to = block->bytes().data();
  const std::byte* const end = to + block->bytes().size();
  for (size_t i = 0; i < text.size(); i += 4) {
    const size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    uint32_t group = 0;
    for (size_t k = 0; k < 4; ++k) {
      const uint8_t value = k < digits ? kValues[static_cast<uint8_t>(text[i + k])] : uint8_t{0};
      if (value == kNone) throw BadFrame("a payload in base64 has a character that is no digit");
      group = group << 6 | value;
    }
    for (size_t k = 0; k < 3 && to != end; ++k)
      *to++ = static_cast<std::byte>(group >> (16 - 8 * k));
  }
  return block;
}

}  // namespace xpuruntime::worker

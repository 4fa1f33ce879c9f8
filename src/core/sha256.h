// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace xpuruntime {

/// SHA-256 (FIPS 180-4) of what it is given bit by bit.
class Sha256 {
 public:
  Sha256();
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  /// 64 hexadecimal digits, once.
  std::string digest();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256_of(std::span<const std::byte> bytes);

/// The size of a block for block_sha256_of().
inline constexpr size_t kHashBlock = size_t{4} << 20;
/// SHA-256 over the digests of blocks of 4 MiB, by as many threads as the budget has.
std::string block_sha256_of(std::span<const std::byte> bytes);

}  // namespace xpuruntime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "cache_key.h"
#include "mapped_file.h"
#include "xpuruntime/cache.h"

namespace xpuruntime {

/// What SessionConfig::cache_dir means; empty: nowhere.
std::filesystem::path cache_folder(const std::string& cache_dir);

inline constexpr const char* kCacheExtension = ".xpurt";

/// A cache entry, mapped. The file is a line that says what it is, the length of the header in 16
/// hexadecimal digits and a line feed, the header in JSON (the parts of the key, length and
/// Checksum of the rest), and the compiled model, which begins at a multiple of 64 bytes.
class CacheFile {
 public:
  /// Throws ProtocolError when the header is not one.
  explicit CacheFile(const std::filesystem::path& path);

  const CacheEntry& entry() const noexcept { return entry_; }
  std::span<const std::byte> compiled() const noexcept { return compiled_; }
  /// Throws ProtocolError when the bytes are not those that were stored.
  void check_bytes() const;
  /// Throws ProtocolError when it was stored for another key.
  void check_key(const CacheKey& key) const;

 private:
  MappedFile file_;
  CacheEntry entry_;
  std::span<const std::byte> compiled_;
  std::string checksum_;
};

/// Writes an entry as a whole or not at all; `save` hands the compiled model over part by part.
/// Throws UnavailableError when it cannot be written.
void write_cache_file(
    const std::filesystem::path& folder, const CacheKey& key, const std::string& model_name,
    const std::function<void(const std::function<void(std::span<const std::byte>)>&)>& save);

}  // namespace xpuruntime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "xpuruntime/export.h"

namespace xpuruntime {

/// What became of the cache when a session was opened.
enum class CacheOutcome : int32_t {
  kOff = 0,        ///< not asked, or the engine saves no compiled models
  kHit = 1,        ///< the compiled model came from the cache
  kStored = 2,     ///< built and stored
  kRebuilt = 3,    ///< the entry could not be used: built and stored again
  kNotStored = 4,  ///< built; the reason says why it was not stored
};

XPURT_API const char* to_string(CacheOutcome outcome) noexcept;

/// A compiled model in a cache folder, as its own header tells.
struct CacheEntry {
  std::filesystem::path path;
  std::string key;     ///< SHA-256 of the parts, in hexadecimal
  std::string parts;   ///< JSON: all that the key is made of
  std::string model;   ///< the name that it was opened by, for people
  std::string engine;  ///< with its version
  std::string device;
  uint64_t bytes = 0;  ///< of the whole file
  std::chrono::system_clock::time_point last_used{};
  std::string problem;  ///< why it cannot be used; "": nothing was found wrong
};

/// A folder of compiled models. Several processes may use one at a time: entries come and go whole.
class XPURT_API ModelCache {
 public:
  /// XPURT_CACHE_DIR, else xpuruntime in XDG_CACHE_HOME or ~/.cache (XDG Base Directory
  /// Specification); empty where there is none of them.
  static std::filesystem::path default_folder();

  explicit ModelCache(std::filesystem::path folder = default_folder());
  const std::filesystem::path& folder() const noexcept { return folder_; }

  /// The entries, the one used last first; those with a header that cannot be read have a problem.
  /// Throws UnavailableError when the folder is there and cannot be read.
  std::vector<CacheEntry> entries() const;
  /// The same with every byte checked against the checksum.
  std::vector<CacheEntry> verify() const;
  /// Entries that could not be used and were built again, by any process: a line each that says
  /// when (ISO 8601, UTC), which and why, the latest last. Begins anew after a MiB.
  std::vector<std::string> rebuilds() const;
  /// Removes those used longest ago until the rest takes at most `max_bytes`, and first those with
  /// a problem and what writers that were killed left behind. Returns what it removed.
  std::vector<CacheEntry> prune(uint64_t max_bytes) const;

 private:
  std::filesystem::path folder_;
};

/// Bytes that the default folder may take: what is above is pruned when something is stored.
/// XPURT_CACHE_BYTES, else 5 GiB.
XPURT_API uint64_t default_cache_bytes();

}  // namespace xpuruntime

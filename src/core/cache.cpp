// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/cache.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "cache_file.h"
#include "cache_journal.h"
#include "log.h"
#include "unfinished_file.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

namespace fs = std::filesystem;

/// Older ones are of writers that were killed.
constexpr std::chrono::hours kLongestWrite{1};

std::vector<fs::path> files_with(const fs::path& folder, const char* extension) {
  std::vector<fs::path> files;
  std::error_code error;
  if (folder.empty() || !fs::exists(folder, error)) return files;
  for (fs::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    if (each->path().extension() == extension) files.push_back(each->path());
  }
  if (error) throw UnavailableError(folder.string() + ": cannot be read: " + error.message());
  return files;
}

std::vector<CacheEntry> entries_in(const fs::path& folder, bool check_bytes) {
  std::vector<CacheEntry> entries;
  for (const fs::path& path : files_with(folder, kCacheExtension)) {
    CacheEntry entry;
    try {
      const CacheFile file(path);
      entry = file.entry();
      if (check_bytes) file.check_bytes();
    } catch (const XpuRuntimeError& failure) {
      std::error_code error;
      if (!fs::exists(fs::symlink_status(path, error))) continue;  // removed meanwhile
      entry.path = path;
      const auto bytes = fs::file_size(path, error);
      entry.bytes = error ? 0 : bytes;
      entry.problem = failure.what();
    }
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, std::greater(), &CacheEntry::last_used);
  return entries;
}

const char* set_variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : nullptr;
}

}  // namespace

const char* to_string(CacheOutcome outcome) noexcept {
  constexpr const char* kNames[] = {"off", "hit", "stored", "rebuilt", "not stored"};
  return kNames[static_cast<size_t>(outcome)];
}

fs::path ModelCache::default_folder() {
  if (const char* folder = set_variable("XPURT_CACHE_DIR")) return folder;
  // The specification has relative paths in it passed over.
  if (const char* caches = set_variable("XDG_CACHE_HOME"); caches != nullptr && *caches == '/') {
    return fs::path(caches) / "xpuruntime";
  }
  if (const char* home = set_variable("HOME")) return fs::path(home) / ".cache" / "xpuruntime";
  return {};
}

uint64_t default_cache_bytes() {
  constexpr uint64_t kDefault = uint64_t{5} << 30;
  const char* given = set_variable("XPURT_CACHE_BYTES");
  if (given == nullptr) return kDefault;
  uint64_t bytes = 0;
  const char* const end = given + std::strlen(given);
  if (const auto read = std::from_chars(given, end, bytes);
      read.ec == std::errc() && read.ptr == end)
    return bytes;
  log(LogLevel::kWarning,
      "XPURT_CACHE_BYTES='" + std::string(given) + "' is not a number of bytes; it is ignored");
  return kDefault;
}

ModelCache::ModelCache(fs::path folder) : folder_(std::move(folder)) {}

std::vector<CacheEntry> ModelCache::entries() const { return entries_in(folder_, false); }

std::vector<CacheEntry> ModelCache::verify() const { return entries_in(folder_, true); }

std::vector<std::string> ModelCache::rebuilds() const { return read_journal(folder_); }

std::vector<CacheEntry> ModelCache::prune(uint64_t max_bytes) const {
  std::vector<CacheEntry> removed;
  std::error_code error;
  const auto remove = [&](CacheEntry entry) {
    if (fs::remove(entry.path, error)) removed.push_back(std::move(entry));
  };
  const auto now = fs::file_time_type::clock::now();
  for (const fs::path& path : files_with(folder_, kUnfinishedExtension)) {
    const auto written = fs::last_write_time(path, error);
    if (error || now - written < kLongestWrite) continue;
    const auto bytes = fs::file_size(path, error);
    CacheEntry entry;
    entry.path = path;
    entry.bytes = error ? 0 : bytes;
    entry.problem = "its writer was killed";
    remove(std::move(entry));
  }
  uint64_t kept = 0;
  for (CacheEntry& entry : entries()) {
    if (entry.problem.empty() && entry.bytes <= max_bytes - std::min(kept, max_bytes)) {
      kept += entry.bytes;
    } else {
      remove(std::move(entry));
    }
  }
  return removed;
}

}  // namespace xpuruntime

// SPDX-License-Identifier: Apache-2.0
#include "cache_file.h"

#include <sys/stat.h>

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "checksum.h"
#include "sha256.h"
#include "unfinished_file.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kMagic = "xpuruntime compiled model 2\n";
constexpr size_t kLengthDigits = 16;
constexpr size_t kAlignment = 64;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string hexadecimal(uint64_t number) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kLengthDigits, '0');
  for (size_t i = kLengthDigits; i-- > 0; number /= 16) text[i] = kDigits[number % 16];
  return text;
}

/// Numbers are texts of one length: the header is as long before the compiled model is known as
/// after.
std::string header_text(const CacheKey& key, const std::string& model, uint64_t bytes,
                        const std::string& checksum) {
  std::string text = OrderedJson{
      {"key", key.hash},
      {"model", model},
      {"bytes", hexadecimal(bytes)},
      {"xxh3_128", checksum},
      {"parts",
       key.parts}}.dump(-1, ' ', true, OrderedJson::error_handler_t::replace);
  const size_t begin = kMagic.size() + kLengthDigits + 1;
  const size_t padding = (kAlignment - (begin + text.size() + 1) % kAlignment) % kAlignment;
  text += std::string(padding, ' ') + "\n";
  return std::string(kMagic) + hexadecimal(text.size()) + "\n" + text;
}

std::chrono::system_clock::time_point last_used(const std::filesystem::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return {};
  const std::chrono::nanoseconds part(status.st_mtim.tv_nsec);
  return std::chrono::system_clock::from_time_t(status.st_mtim.tv_sec) +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(part);
}

}  // namespace

std::filesystem::path cache_folder(const std::string& cache_dir) {
  return cache_dir == "auto" ? ModelCache::default_folder() : std::filesystem::path(cache_dir);
}

CacheFile::CacheFile(const std::filesystem::path& path) : file_(path) {
  entry_.path = path;
  entry_.bytes = file_.bytes().size();
  entry_.last_used = last_used(path);
  const auto fail = [&](const char* why) {
    throw ProtocolError("cache entry " + path.string() + ": " + why);
  };
  std::string_view rest = text_of(file_.bytes());
  if (!rest.starts_with(kMagic)) fail("it is no compiled model of this version of xpuruntime");
  rest.remove_prefix(kMagic.size());
  uint64_t length = 0;
  const char* const digits = rest.data();
  if (rest.size() < kLengthDigits + 1 ||
      std::from_chars(digits, digits + kLengthDigits, length, 16).ptr != digits + kLengthDigits ||
      length > rest.size() - kLengthDigits - 1) {
    fail("its header is cut off or damaged");
  }
  const OrderedJson header = OrderedJson::parse(rest.substr(kLengthDigits + 1, length), nullptr,
                                                /*allow_exceptions=*/false);
  compiled_ = file_.bytes().subspan(kMagic.size() + kLengthDigits + 1 + length);
  try {
    entry_.key = header.at("key");
    entry_.model = header.at("model");
    entry_.parts = header.at("parts");
    checksum_ = header.at("xxh3_128");
    const OrderedJson parts = OrderedJson::parse(entry_.parts);
    entry_.engine =
        parts.at("engine").get<std::string>() + " " + parts.at("engine_version").get<std::string>();
    entry_.device = parts.at("device");
    if (header.at("bytes") != hexadecimal(compiled_.size())) fail("it is cut off");
  } catch (const OrderedJson::exception&) {
    fail("its header is damaged");
  }
}

void CacheFile::check_bytes() const {
  Checksum checksum;
  checksum.add(compiled_);
  if (sha256_of(std::as_bytes(std::span(entry_.parts))) != entry_.key ||
      checksum.digest() != checksum_) {
    throw ProtocolError("cache entry " + entry_.path.string() +
                        ": its bytes are not those that were stored");
  }
}

void CacheFile::check_key(const CacheKey& key) const {
  if (entry_.key != key.hash || entry_.parts != key.parts) {
    throw ProtocolError("cache entry " + entry_.path.string() + ": it was stored for another key");
  }
}

void write_cache_file(
    const std::filesystem::path& folder, const CacheKey& key, const std::string& model_name,
    const std::function<void(const std::function<void(std::span<const std::byte>)>&)>& save) {
  make_private_folder(folder);
  UnfinishedFile file(folder / (key.hash + kCacheExtension));
  const auto begin = static_cast<off_t>(
      header_text(key, model_name, 0, std::string(Checksum::kDigits, '0')).size());
  off_t end = begin;
  Checksum checksum;
  save([&](std::span<const std::byte> part) {
    file.write(part, end);
    checksum.add(part);
    end += static_cast<off_t>(part.size());
  });
  const std::string header =
      header_text(key, model_name, static_cast<uint64_t>(end - begin), checksum.digest());
  file.write(std::as_bytes(std::span(header)), 0);
  file.publish();
}

}  // namespace xpuruntime

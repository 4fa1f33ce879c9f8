// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "thread_budget.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

void check(int result) {
  if (result != 1) throw InternalError("OpenSSL cannot compute SHA-256");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  check(context_ != nullptr ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::add(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::digest() {
  unsigned char bytes[32];
  check(EVP_DigestFinal_ex(context_.get(), bytes, nullptr));
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_of(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.digest();
}

std::string block_sha256_of(std::span<const std::byte> bytes) {
  std::vector<std::string> digests((bytes.size() + kHashBlock - 1) / kHashBlock);
  std::atomic<size_t> next{0};
  const auto hash_blocks = [&] {
    for (size_t i; (i = next.fetch_add(1)) < digests.size();) {
      const auto rest = bytes.subspan(i * kHashBlock);
      digests[i] = sha256_of(rest.first(std::min(kHashBlock, rest.size())));
    }
  };
  {
    const size_t threads = std::min(digests.size(), static_cast<size_t>(thread_budget()));
    std::vector<std::jthread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back(hash_blocks);
    hash_blocks();
  }
  Sha256 hash;
  for (const std::string& digest : digests) hash.add(digest);
  return hash.digest();
}

}  // namespace xpuruntime

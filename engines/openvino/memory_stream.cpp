// SPDX-License-Identifier: Apache-2.0
#include "memory_stream.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace xpuruntime::openvino {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kPart = 2 * kHugePage;

}  // namespace

void MemoryStream::Free::operator()(void* memory) const noexcept { std::free(memory); }

size_t MemoryStream::position() const {
  return part_ * kPart + static_cast<size_t>(pptr() - pbase());
}

size_t MemoryStream::size() const { return std::max(end_, position()); }

void MemoryStream::for_each_part(const std::function<void(std::string_view)>& take) const {
  size_t left = size();
  for (const auto& part : parts_) {
    if (left == 0) break;
    const size_t bytes = std::min(left, kPart);
    take({part.get(), bytes});
    left -= bytes;
  }
}

void MemoryStream::go_to(size_t position) {
  end_ = size();
  part_ = position / kPart;
  if (part_ == parts_.size()) {
    // To touch a page for the first time costs more than to write it: they are to be large.
    parts_.emplace_back(static_cast<char*>(std::aligned_alloc(kHugePage, kPart)));
    if (parts_.back() == nullptr) throw std::bad_alloc();
    madvise(parts_.back().get(), kPart, MADV_HUGEPAGE);
  }
  char* const begin = parts_[part_].get();
  setp(begin, begin + kPart);
  pbump(static_cast<int>(position % kPart));
}

MemoryStream::int_type MemoryStream::overflow(int_type byte) {
  go_to(position());
  if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
  return sputc(traits_type::to_char_type(byte));
}

MemoryStream::pos_type MemoryStream::seekoff(off_type offset, std::ios_base::seekdir from,
                                             std::ios_base::openmode which) {
  const size_t begin = from == std::ios_base::beg   ? 0
                       : from == std::ios_base::cur ? position()
                                                    : size();
  return seekpos(static_cast<off_type>(begin) + offset, which);
}

MemoryStream::pos_type MemoryStream::seekpos(pos_type position, std::ios_base::openmode which) {
  const off_type to = position;
  if ((which & std::ios_base::out) == 0 || to < 0 || static_cast<size_t>(to) > size()) {
    return off_type{-1};
  }
  go_to(static_cast<size_t>(to));
  return position;
}

}  // namespace xpuruntime::openvino

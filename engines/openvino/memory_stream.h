// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <streambuf>
#include <string_view>
#include <vector>

namespace xpuruntime::openvino {

/// What is written to a stream, in memory that does not move as it grows. One can go back and write
/// again, as OpenVINO does with the head of what it exports.
class MemoryStream : public std::streambuf {
 public:
  size_t size() const;
  void for_each_part(const std::function<void(std::string_view)>& take) const;

 protected:
  int_type overflow(int_type byte) override;
  pos_type seekoff(off_type offset, std::ios_base::seekdir from,
                   std::ios_base::openmode which) override;
  pos_type seekpos(pos_type position, std::ios_base::openmode which) override;

 private:
  struct Free {
    void operator()(void* memory) const noexcept;
  };
  size_t position() const;
  void go_to(size_t position);

  std::vector<std::unique_ptr<char, Free>> parts_;
  size_t part_ = 0;  // that is written
  size_t end_ = 0;   // unless the position is behind it
};

}  // namespace xpuruntime::openvino

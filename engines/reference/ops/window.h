// SPDX-License-Identifier: Apache-2.0
/// The sliding window that convolutions and pools share, in any number of spatial dimensions.
#pragma once

#include "call.h"

namespace xpuruntime::reference {

/// An element of the input under the window, and where in the window it lies; both flat.
struct Tap {
  int64_t input;
  int64_t kernel;
};

/// An attribute with `size` numbers of at least `least`, all `otherwise` where it is not given.
Shape read_list(const Call& call, const char* name, size_t size, int64_t otherwise, int64_t least);

class Window {
 public:
  /// Reads strides, dilations, pads, auto_pad and ceil_mode of the node; `input` and `kernel` are
  /// the spatial dimensions.
  Window(const Call& call, Shape input, Shape kernel);

  /// Spatial dimensions of the result.
  const Shape& output() const { return output_; }
  const Shape& input() const { return input_; }

  /// What lies under the window at that place of the result, without padding, in the order of the
  /// kernel. Valid until the next call.
  const std::vector<Tap>& taps(const Shape& place);
  /// How many elements lie under it with padding; what ceil_mode adds beyond does not count.
  int64_t padded_count(const Shape& place) const;

 private:
  void read_pads(const Call& call);
  /// Kernel positions k, first <= k < last, for which start + k * dilation is in [low, high).
  struct Range {
    int64_t first;
    int64_t last;
  };
  Range range(size_t d, int64_t place, int64_t low, int64_t high) const;

  Shape input_, kernel_, strides_, dilations_, pads_, output_;
  std::vector<Tap> taps_, wider_;
};

}  // namespace xpuruntime::reference

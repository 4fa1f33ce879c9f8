// SPDX-License-Identifier: Apache-2.0
#include "window.h"

#include <algorithm>

namespace xpuruntime::reference {
namespace {

// Far beyond any real window, and far from overflow in what is computed of it.
constexpr int64_t kMostStep = int64_t{1} << 30;
constexpr int64_t kMostSpatial = int64_t{1} << 40;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

Shape read_list(const Call& call, const char* name, size_t size, int64_t otherwise, int64_t least) {
  const Shape list = call.ints(name).value_or(Shape(size, otherwise));
  if (list.size() != size) {
    call.fail("attribute '" + std::string(name) + "' must have " + std::to_string(size) +
              " numbers");
  }
  for (const int64_t number : list) {
    if (number < least || number > kMostStep) {
      call.fail("attribute '" + std::string(name) + "' has " + std::to_string(number));
    }
  }
  return list;
}

Window::Window(const Call& call, Shape input, Shape kernel)
    : input_(std::move(input)), kernel_(std::move(kernel)) {
  const size_t rank = input_.size();
  if (kernel_.size() != rank) call.fail("the kernel's dimensions do not match the input's");
  for (size_t d = 0; d < rank; ++d) {
    if (input_[d] > kMostSpatial) call.fail("the input is too large");
    if (kernel_[d] < 1 || kernel_[d] > kMostStep) {
      call.fail("kernel " + onnx::shape_text(kernel_) + " is not possible");
    }
  }
  strides_ = read_list(call, "strides", rank, 1, 1);
  dilations_ = read_list(call, "dilations", rank, 1, 1);
  read_pads(call);
  const bool up = call.int_or("ceil_mode", 0) != 0;
  for (size_t d = 0; d < rank; ++d) {
    const int64_t reach = (kernel_[d] - 1) * dilations_[d] + 1;
    const int64_t span = input_[d] + pads_[d] + pads_[d + rank] - reach;
    if (span < 0) call.fail("the kernel is larger than the padded input");
    int64_t count = (up ? divide_up(span, strides_[d]) : span / strides_[d]) + 1;
    // A window that would begin in the padding after the input is left out.
    if (up && (count - 1) * strides_[d] >= input_[d] + pads_[d]) --count;
    output_.push_back(count);
  }
}

void Window::read_pads(const Call& call) {
  const size_t rank = input_.size();
  const std::string mode = call.string_or("auto_pad", "NOTSET");
  if (mode == "NOTSET") {
    pads_ = read_list(call, "pads", 2 * rank, 0, 0);
    return;
  }
  pads_.assign(2 * rank, 0);
  if (mode == "VALID") return;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER") call.fail("auto_pad '" + mode + "' is unknown");
  for (size_t d = 0; d < rank; ++d) {
    const int64_t reach = (kernel_[d] - 1) * dilations_[d] + 1;
    const int64_t needed = (divide_up(input_[d], strides_[d]) - 1) * strides_[d] + reach;
    const int64_t pad = std::max(int64_t{0}, needed - input_[d]);
    pads_[d] = mode == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
    pads_[d + rank] = pad - pads_[d];
  }
}

Window::Range Window::range(size_t d, int64_t place, int64_t low, int64_t high) const {
  const int64_t start = place * strides_[d] - pads_[d];
  const int64_t first = start >= low ? 0 : divide_up(low - start, dilations_[d]);
  const int64_t last = start >= high ? 0 : divide_up(high - start, dilations_[d]);
  return {first, std::max(first, std::min(last, kernel_[d]))};
}

const std::vector<Tap>& Window::taps(const Shape& place) {
  taps_.assign(1, {0, 0});
  for (size_t d = 0; d < input_.size(); ++d) {
    const int64_t start = place[d] * strides_[d] - pads_[d];
    const Range inside = range(d, place[d], 0, input_[d]);
    wider_.clear();
    for (const Tap& tap : taps_) {
      for (int64_t k = inside.first; k < inside.last; ++k) {
        wider_.push_back(
            {tap.input * input_[d] + start + k * dilations_[d], tap.kernel * kernel_[d] + k});
      }
    }
    taps_.swap(wider_);
  }
  return taps_;
}

int64_t Window::padded_count(const Shape& place) const {
  int64_t count = 1;
  for (size_t d = 0; d < input_.size(); ++d) {
    const Range inside = range(d, place[d], -pads_[d], input_[d] + pads_[d + input_.size()]);
    count *= inside.last - inside.first;
  }
  return count;
}

}  // namespace xpuruntime::reference

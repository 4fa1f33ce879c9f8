// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <numeric>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// Which element of a dimension of `dim` the padded one repeats at `index`; -1: none.
int64_t source(const std::string& mode, int64_t index, int64_t dim) {
  if (index >= 0 && index < dim) return index;
  if (mode == "constant") return -1;
  if (mode == "edge") return std::clamp(index, int64_t{0}, dim - 1);
  const int64_t period = mode == "wrap" ? dim : std::max<int64_t>(1, 2 * (dim - 1));
  index = (index % period + period) % period;
  return index < dim ? index : period - index;  // on its way back, which only "reflect" has
}

struct Padding {
  Shape begin, end;
};

/// Pads are an attribute before operator set 11; axes came with 18.
Padding read_pads(const Call& call, size_t rank) {
  const Shape given = call.opset() < 11 ? call.ints("pads").value_or(Shape{}) : call.integers(1);
  Shape axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (call.has_input(3)) axes = call.integers(3);
  if (given.size() != 2 * axes.size()) call.fail("pads must be two a dimension");
  Padding pads{Shape(rank), Shape(rank)};
  std::vector<bool> padded(rank);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = call.axis(axes[i], static_cast<int64_t>(rank));
    if (padded[axis]) call.fail("axis " + std::to_string(axes[i]) + " is given twice");
    padded[axis] = true;
    pads.begin[axis] = given[i];
    pads.end[axis] = given[i + axes.size()];
  }
  return pads;
}

/// One element of the input's dtype, 0 where none is given.
Tensor fill_value(const Call& call) {
  const DType dtype = call.input(0).dtype();
  if (call.opset() >= 11 && call.has_input(2)) {
    if (call.input(2).size() != 1 || call.input(2).dtype() != dtype) {
      call.fail("the constant must be one value of the input's dtype");
    }
    return call.input(2);
  }
  Tensor value = call.scratch(dtype, {});
  std::memset(value.data(), 0, value.bytes());
  if (call.opset() < 11) {
    call.dispatch(dtype, Floats{},
                  [&]<typename T>() { *value.values<T>() = narrow<T>(call.float_or("value", 0)); });
  }
  return value;
}

}  // namespace

/// Negative pads cut off.
void pad(Call& call) {
  constexpr int64_t kMost = int64_t{1} << 40;  // far from overflow
  const Tensor& x = call.input(0);
  const std::string mode = call.string_or("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap") {
    call.fail("mode '" + mode + "' is unknown");
  }
  const Padding pads = read_pads(call, x.shape().size());
  Shape shape;
  for (size_t d = 0; d < x.shape().size(); ++d) {
    const int64_t dim = x.shape()[d];
    if (std::max({std::abs(pads.begin[d] / 2), std::abs(pads.end[d] / 2), dim}) > kMost) {
      call.fail("the pads are too large");
    }
    shape.push_back(dim + pads.begin[d] + pads.end[d]);
    if (dim == 0 && shape.back() > 0 && mode != "constant") call.fail("there is nothing to repeat");
  }
  const Tensor fill = fill_value(call);
  Tensor& y = call.output(0, x.dtype(), shape);
  const Strides strides = strides_of(x.shape());
  const size_t bytes = x.element_bytes();
  std::byte* to = y.data();
  for (Walk<1> at(shape, {Strides(shape.size(), 0)}); at.more(); at.next(), to += bytes) {
    int64_t offset = 0;
    bool is_inside = true;
    for (size_t d = 0; d < shape.size(); ++d) {
      const int64_t index = source(mode, at.index()[d] - pads.begin[d], x.shape()[d]);
      is_inside = is_inside && index >= 0;
      offset += index * strides[d];
    }
    const std::byte* from =
        is_inside ? x.data() + static_cast<size_t>(offset) * bytes : fill.data();
    std::memcpy(to, from, bytes);
  }
}

}  // namespace xpuruntime::reference

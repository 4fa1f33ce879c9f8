// SPDX-License-Identifier: Apache-2.0
// Pools of x [N, C, D1, ...] over the spatial dimensions.
#include <algorithm>

#include "ops.h"
#include "window.h"

namespace xpuruntime::reference {
namespace {

using PoolTypes = decltype(Floats{} + Types<int8_t, uint8_t>{});

Window read_window(const Call& call) {
  const Tensor& x = call.input(0);
  if (x.rank() < 3) call.fail("the input must be [N, C, D1, ...]");
  const auto kernel = call.ints("kernel_shape");
  if (!kernel) call.fail("attribute 'kernel_shape' is missing");
  return {call, Shape(x.shape().begin() + 2, x.shape().end()), *kernel};
}

Shape pooled_shape(const Tensor& x, const Shape& spatial) {
  Shape shape{x.dim(0), x.dim(1)};
  shape.insert(shape.end(), spatial.begin(), spatial.end());
  return shape;
}

/// Calls body(place, offset) for every place of the result, `offset` its flat spatial index.
template <typename Body>
void for_each_place(const Shape& spatial, Body body) {
  for (Walk<1> at(spatial, {strides_of(spatial)}); at.more(); at.next()) body(at.index(), at[0]);
}

/// A flat spatial index counted with the first dimension fastest, as storage_order 1 asks.
int64_t column_major(int64_t flat, const Shape& spatial) {
  int64_t result = 0;
  int64_t scale = product(spatial, 0, spatial.size());
  for (size_t d = spatial.size(); d-- > 0;) {
    scale /= spatial[d];
    result += flat % spatial[d] * scale;
    flat /= spatial[d];
  }
  return result;
}

/// y [N, C, 1, ...] = reduce(first, last) of each channel.
template <typename Reduce>
void global_pool(Call& call, Reduce reduce) {
  const Tensor& x = call.input(0);
  if (x.rank() < 3) call.fail("the input must be [N, C, D1, ...]");
  const int64_t size = product(x.shape(), 2, x.shape().size());
  const Shape ones(x.shape().size() - 2, 1);
  Tensor& y = call.output(0, x.dtype(), pooled_shape(x, ones));
  if (size == 0 && y.size() > 0) call.fail("there is nothing to pool");
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    for (int64_t i = 0; i < y.size(); ++i) {
      const T* first = x.values<T>() + i * size;
      y.values<T>()[i] = narrow<T>(reduce(first, first + size));
    }
  });
}

}  // namespace

/// The mean of what is under the window, of padding too where count_include_pad says so.
void average_pool(Call& call) {
  const Tensor& x = call.input(0);
  Window window = read_window(call);
  const bool with_pads = call.int_or("count_include_pad", 0) != 0;
  Tensor& y = call.output(0, x.dtype(), pooled_shape(x, window.output()));
  if (y.size() == 0) return;
  const int64_t channels = x.dim(0) * x.dim(1);
  const int64_t x_size = x.size() / channels;
  const int64_t y_size = y.size() / channels;
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    for_each_place(window.output(), [&](const Shape& place, int64_t offset) {
      const std::vector<Tap>& taps = window.taps(place);
      const auto count = static_cast<double>(with_pads ? window.padded_count(place)
                                                       : static_cast<int64_t>(taps.size()));
      for (int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (const Tap& tap : taps) sum += widen(x.values<T>()[c * x_size + tap.input]);
        y.values<T>()[c * y_size + offset] = narrow<T>(sum / count);
      }
    });
  });
}

/// The second output has the flat index in x, batch and channel included, of each maximum.
void max_pool(Call& call) {
  const Tensor& x = call.input(0);
  Window window = read_window(call);
  const bool columns_first = call.int_or("storage_order", 0) != 0;
  const Shape shape = pooled_shape(x, window.output());
  Tensor& y = call.output(0, x.dtype(), shape);
  int64_t* indices =
      call.has_output(1) ? call.output(1, DType::kInt64, shape).values<int64_t>() : nullptr;
  if (y.size() == 0) return;
  const int64_t channels = x.dim(0) * x.dim(1);
  const int64_t x_size = x.size() / channels;
  const int64_t y_size = y.size() / channels;
  call.dispatch(x.dtype(), PoolTypes{}, [&]<typename T>() {
    for_each_place(window.output(), [&](const Shape& place, int64_t offset) {
      const std::vector<Tap>& taps = window.taps(place);
      for (int64_t c = 0; c < channels; ++c) {
        const T* channel = x.values<T>() + c * x_size;
        Wide<T> best = lowest<T>();
        int64_t where = taps.empty() ? 0 : taps[0].input;
        for (const Tap& tap : taps) {
          const Wide<T> value = widen(channel[tap.input]);
          if (value > best || value != value) {
            best = value;
            where = tap.input;
          }
        }
        y.values<T>()[c * y_size + offset] = narrow<T>(best);
        if (indices == nullptr) continue;
        if (columns_first) where = column_major(where, window.input());
        indices[c * y_size + offset] = c * x_size + where;
      }
    });
  });
}

void global_average_pool(Call& call) {
  global_pool(call, [](const auto* first, const auto* last) {
    double sum = 0;
    for (const auto* x = first; x != last; ++x) sum += widen(*x);
    return sum / static_cast<double>(last - first);
  });
}

void global_max_pool(Call& call) {
  global_pool(call, [](const auto* first, const auto* last) {
    double best = widen(*first);
    for (const auto* x = first; x != last; ++x) best = std::max(best, widen(*x));
    return best;
  });
}

}  // namespace xpuruntime::reference

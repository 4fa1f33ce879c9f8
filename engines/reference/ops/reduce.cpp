// SPDX-License-Identifier: Apache-2.0
// Operators that take dimensions away by putting their elements together.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// The axes to reduce: none given means all, or none where noop_with_empty_axes says so. They are
/// an input from operator set `input_since` on.
std::vector<bool> reduced_axes(const Call& call, int64_t input_since) {
  const Tensor& x = call.input(0);
  const auto axes = call.axes(1, input_since);
  const bool none = !axes || axes->empty();
  const bool noop = call.int_or("noop_with_empty_axes", 0) != 0;
  std::vector<bool> reduced(x.shape().size(), none && !noop);
  if (none) return reduced;
  for (const int64_t axis : *axes) reduced[call.axis(axis, x.rank())] = true;
  return reduced;
}

/// y = result(sum of step over the elements, how many), starting from `start`.
template <typename State, typename T, typename Step, typename Result>
void reduce(const Tensor& x, Tensor& y, const std::vector<bool>& reduced, State start, Step step,
            Result result) {
  const Strides strides = strides_of(x.shape());
  Shape kept_shape, gone_shape;
  Strides kept, gone;
  for (size_t d = 0; d < reduced.size(); ++d) {
    (reduced[d] ? gone_shape : kept_shape).push_back(x.shape()[d]);
    (reduced[d] ? gone : kept).push_back(strides[d]);
  }
  const int64_t count = product(gone_shape, 0, gone_shape.size());
  Walk<1> inner(gone_shape, {gone});
  T* to = y.values<T>();
  for (Walk<1> outer(kept_shape, {kept}); outer.more(); outer.next()) {
    State state = start;
    for (inner.restart({outer[0]}); inner.more(); inner.next()) {
      state = step(state, widen(x.values<T>()[inner[0]]));
    }
    *to++ = narrow<T>(result(state, count));
  }
}

Tensor& reduced_output(Call& call, const std::vector<bool>& reduced) {
  const Tensor& x = call.input(0);
  const bool keep = call.int_or("keepdims", 1) != 0;
  Shape shape;
  for (size_t d = 0; d < reduced.size(); ++d) {
    if (!reduced[d]) {
      shape.push_back(x.shape()[d]);
    } else if (keep) {
      shape.push_back(1);
    }
  }
  return call.output(0, x.dtype(), std::move(shape));
}

/// `start` and all of the steps: integers in 64 unsigned bits, which wrap around.
template <typename Step, typename Result>
void reduce_wrapping(Call& call, int64_t input_since, int start, Step step, Result result) {
  const std::vector<bool> reduced = reduced_axes(call, input_since);
  Tensor& y = reduced_output(call, reduced);
  call.dispatch(y.dtype(), Numbers{}, [&]<typename T>() {
    const auto take = [&](Sum<T> state, Wide<T> value) {
      return step(state, static_cast<Sum<T>>(value));
    };
    const auto finish = [&](Sum<T> sum, int64_t count) {
      return result(narrow<Wide<T>>(sum), count);
    };
    reduce<Sum<T>, T>(call.input(0), y, reduced, static_cast<Sum<T>>(start), take, finish);
  });
}

constexpr auto kPlus = [](auto sum, auto value) { return sum + value; };
constexpr auto kAsItIs = [](auto result, int64_t) { return result; };

/// `first` is what the maximum or minimum of nothing is. A NaN stays.
template <typename Better, typename First>
void reduce_choosing(Call& call, Better better, First first) {
  const std::vector<bool> reduced = reduced_axes(call, 18);
  Tensor& y = reduced_output(call, reduced);
  call.dispatch(y.dtype(), AllTypes{}, [&]<typename T>() {
    const auto step = [&](Wide<T> best, Wide<T> value) {
      return better(value, best) || value != value ? value : best;
    };
    reduce<Wide<T>, T>(call.input(0), y, reduced, first.template operator()<T>(), step,
                       [](Wide<T> best, int64_t) { return best; });
  });
}

/// The same in double; integers are cut off toward zero at the end.
template <typename State, typename Step, typename Result>
void reduce_in_double(Call& call, State start, Step step, Result result) {
  const std::vector<bool> reduced = reduced_axes(call, 18);
  Tensor& y = reduced_output(call, reduced);
  call.dispatch(y.dtype(), Numbers{}, [&]<typename T>() {
    reduce<State, T>(
        call.input(0), y, reduced, start,
        [&](const State& state, Wide<T> value) { return step(state, static_cast<double>(value)); },
        [&](const State& state, int64_t) { return float_to<Wide<T>>(result(state)); });
  });
}

/// Sums of exponentials as multiples of the greatest of them, so that none is infinite.
struct ExponentialSum {
  double greatest = -std::numeric_limits<double>::infinity();
  double factor = 0;

  ExponentialSum plus(double x) const {
    if (x == greatest) return {greatest, factor + 1};
    if (x > greatest) return {x, factor * std::exp(greatest - x) + 1};
    return {greatest, factor + std::exp(x - greatest)};
  }
};

/// The first index of the best along one axis, or the last where select_last_index (operator set
/// 12) says so.
template <typename Better>
void arg(Call& call, Better better) {
  const Tensor& x = call.input(0);
  const size_t axis = call.axis(call.int_or("axis", 0), x.rank());
  const bool last = call.int_or("select_last_index", 0) != 0;
  const int64_t count = x.shape()[axis];
  const int64_t inner = product(x.shape(), axis + 1, x.shape().size());
  Shape shape = x.shape();
  shape[axis] = 1;
  if (call.int_or("keepdims", 1) == 0) shape.erase(shape.begin() + static_cast<ptrdiff_t>(axis));
  Tensor& y = call.output(0, DType::kInt64, std::move(shape));
  if (count == 0 && y.size() > 0) call.fail("the axis has no elements");
  call.dispatch(x.dtype(), Numbers{}, [&]<typename T>() {
    for (int64_t line = 0; line < y.size(); ++line) {
      const T* values = x.values<T>() + line / inner * count * inner + line % inner;
      int64_t best = 0;
      for (int64_t i = 1; i < count; ++i) {
        const Wide<T> now = widen(values[i * inner]);
        const Wide<T> then = widen(values[best * inner]);
        if (better(now, then) || (last && now == then)) best = i;
      }
      y.values<int64_t>()[line] = best;
    }
  });
}

}  // namespace

void reduce_sum(Call& call) { reduce_wrapping(call, 13, 0, kPlus, kAsItIs); }

void reduce_mean(Call& call) {
  reduce_wrapping(call, 18, 0, kPlus, [&](auto sum, int64_t count) {
    if constexpr (std::is_floating_point_v<decltype(sum)>) {
      return sum / static_cast<double>(count);
    } else {
      if (count == 0) call.fail("there is no mean of no integers");
      return float_to<decltype(sum)>(static_cast<double>(sum) / static_cast<double>(count));
    }
  });
}

void reduce_prod(Call& call) {
  reduce_wrapping(call, 18, 1, [](auto product, auto value) { return product * value; }, kAsItIs);
}

void reduce_sum_square(Call& call) {
  reduce_wrapping(call, 18, 0, [](auto sum, auto value) { return sum + value * value; }, kAsItIs);
}

void reduce_l1(Call& call) {
  reduce_wrapping(
      call, 18, 0,
      [](auto sum, auto value) {
        if constexpr (std::is_floating_point_v<decltype(value)>) return sum + std::fabs(value);
        return static_cast<int64_t>(value) < 0 ? sum - value : sum + value;
      },
      kAsItIs);
}

void reduce_l2(Call& call) {
  reduce_in_double(
      call, 0.0, [](double sum, double x) { return sum + x * x; },
      [](double sum) { return std::sqrt(sum); });
}

void reduce_log_sum(Call& call) {
  reduce_in_double(call, 0.0, kPlus, [](double sum) { return std::log(sum); });
}

void reduce_log_sum_exp(Call& call) {
  reduce_in_double(
      call, ExponentialSum(), [](ExponentialSum sum, double x) { return sum.plus(x); },
      [](ExponentialSum sum) { return sum.greatest + std::log(sum.factor); });
}

void reduce_max(Call& call) {
  reduce_choosing(call, std::greater<>{}, []<typename T>() { return lowest<T>(); });
}

void reduce_min(Call& call) {
  reduce_choosing(call, std::less<>{}, []<typename T>() { return greatest<T>(); });
}

void arg_max(Call& call) { arg(call, std::greater<>{}); }
void arg_min(Call& call) { arg(call, std::less<>{}); }

}  // namespace xpuruntime::reference

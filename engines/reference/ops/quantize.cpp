// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// One scale and zero point for a whole tensor, for each index of an axis (operator set 13), or for
/// each block along it (21).
class Scales {
 public:
  explicit Scales(const Call& call)
      : scales_(call.as(1, DType::kDouble)), shape_(call.input(0).shape()) {
    if (!is_among(call.input(1).dtype(), Floats{}) && !is_small_float(call.input(1).dtype())) {
      call.unsupported(call.input(1).dtype());
    }
    if (call.has_input(2)) {
      zeros_ = call.as(2, DType::kDouble);
      if (zeros_->size() != scales_.size()) call.fail("zero points must be one a scale");
    }
    if (scales_.size() == 1) return;
    const int64_t rank = static_cast<int64_t>(shape_.size());
    axis_ = call.axis(rank == 1 ? 0 : call.int_or("axis", 1), rank);
    block_ = call.int_or("block_size", 0);
    Shape needed = shape_;
    if (block_ == 0 && scales_.rank() == 1) {
      needed = {shape_[axis_]};
    } else if (block_ > 0) {
      needed[axis_] = (shape_[axis_] - 1) / block_ + 1;
    }
    if (block_ < 0 || scales_.shape() != needed) {
      call.fail("the scales must be " + onnx::shape_text(needed));
    }
  }

  double scale(int64_t i) const { return scales_.values<double>()[index(i)]; }
  double zero(int64_t i) const { return zeros_ ? zeros_->values<double>()[index(i)] : 0; }

 private:
  int64_t index(int64_t i) const {
    if (scales_.size() == 1) return 0;
    const int64_t dim = shape_[axis_];
    const int64_t inner = product(shape_, axis_ + 1, shape_.size());
    const int64_t at = i / inner % dim;
    if (block_ == 0 && scales_.rank() == 1) return at;
    const int64_t block = block_ == 0 ? at : at / block_;
    return (i / (inner * dim) * scales_.shape()[axis_] + block) * inner + i % inner;
  }

  Tensor scales_;
  std::optional<Tensor> zeros_;
  Shape shape_;
  size_t axis_ = 0;
  int64_t block_ = 0;
};

struct Bounds {
  double least;
  double greatest;
};

/// Of an integer dtype of at most 32 bits.
Bounds bounds_of(DType dtype) {
  const bool is_unsigned = is_among(dtype, Types<uint8_t, uint16_t, uint32_t>{}) ||
                           dtype == DType::kUint4 || dtype == DType::kUint2;
  const double count = std::ldexp(1, onnx::bit_width(dtype));
  return is_unsigned ? Bounds{0, count - 1} : Bounds{-count / 2, count / 2 - 1};
}

double rounded_to(const Call& call, DType dtype, double value) {
  call.dispatch(dtype, Floats{}, [&]<typename T>() { value = widen(narrow<T>(value)); });
  return value;
}

using QuantizedIntegers = Types<int8_t, uint8_t, int16_t, uint16_t>;

}  // namespace

/// y = x / scale + zero point: rounded to even and cut to the range of an integer dtype, or as Cast
/// makes a small float of it. The dtype is the zero point's or output_dtype (21).
void quantize_linear(Call& call) {
  const DType zero_dtype = call.has_input(2) ? call.input(2).dtype() : DType::kUint8;
  const int64_t given = call.int_or("output_dtype", 0);
  const DType dtype = given != 0 ? static_cast<DType>(given) : zero_dtype;
  if (call.has_input(2) && dtype != zero_dtype) call.fail("output_dtype is not the zero point's");
  const bool whole = is_among(dtype, QuantizedIntegers{}) || is_small_integer(dtype);
  if (!whole && !is_small_float(dtype)) call.unsupported(dtype);
  const Scales scales(call);
  const int64_t precision = call.int_or("precision", 0);
  DType division = precision != 0 ? static_cast<DType>(precision) : call.input(1).dtype();
  if (!is_among(division, Floats{})) division = DType::kFloat;
  const Tensor x = call.as(0, DType::kDouble);
  Tensor result = call.scratch(DType::kDouble, x.shape());
  const Bounds bounds = bounds_of(dtype);
  for (int64_t i = 0; i < x.size(); ++i) {
    double value = rounded_to(call, division, x.values<double>()[i] / scales.scale(i));
    if (whole) value = std::nearbyint(value);
    value += scales.zero(i);
    result.values<double>()[i] = whole ? std::clamp(value, bounds.least, bounds.greatest) : value;
  }
  convert(call, result, call.output(0, dtype, x.shape()),
          {.saturate = call.int_or("saturate", 1) != 0});
}

/// y = (x - zero point) * scale, in the dtype of the scale or output_dtype (23).
void dequantize_linear(Call& call) {
  const DType from = call.input(0).dtype();
  if (!is_among(from, QuantizedIntegers{} + Types<int32_t>{}) && !is_small(from)) {
    call.unsupported(from);
  }
  const Scales scales(call);
  const int64_t given = call.int_or("output_dtype", 0);
  const DType dtype = given != 0 ? static_cast<DType>(given) : call.input(1).dtype();
  if (!is_among(dtype, Floats{})) call.unsupported(dtype);
  Tensor x = call.own(0, DType::kDouble);
  for (int64_t i = 0; i < x.size(); ++i) {
    double& value = x.values<double>()[i];
    value = (value - scales.zero(i)) * scales.scale(i);
  }
  convert(call, x, call.output(0, dtype, x.shape()));
}

/// To uint8, with a scale and a zero point so that the range of x, which is made to have 0 in it,
/// fills it. Both are outputs. Computed in float as the specification's formulas are.
void dynamic_quantize_linear(Call& call) {
  const Tensor& x = call.input(0);
  if (x.dtype() != DType::kFloat) call.unsupported(x.dtype());
  float least = 0;
  float greatest = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    least = std::min(least, x.values<float>()[i]);
    greatest = std::max(greatest, x.values<float>()[i]);
  }
  const float scale = (greatest - least) / 255;
  const float factor = scale > 0 ? scale : 1;
  const float zero = std::clamp(std::nearbyint(-least / factor), 0.0f, 255.0f);
  Tensor& y = call.output(0, DType::kUint8, x.shape());
  for (int64_t i = 0; i < x.size(); ++i) {
    const float value = std::nearbyint(x.values<float>()[i] / factor) + zero;
    y.values<uint8_t>()[i] = float_to<uint8_t>(std::clamp(value, 0.0f, 255.0f));
  }
  *call.output(1, DType::kFloat, {}).values<float>() = scale;
  *call.output(2, DType::kUint8, {}).values<uint8_t>() = float_to<uint8_t>(zero);
}

}  // namespace xpuruntime::reference

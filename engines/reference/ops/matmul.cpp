// SPDX-License-Identifier: Apache-2.0
#include "ops.h"
#include "product.h"

namespace xpuruntime::reference {
namespace {

using MatrixTypes = decltype(Floats{} + Types<int32_t, int64_t, uint32_t, uint64_t>{});

/// As numpy.matmul: the last two dimensions are multiplied, those before them broadcast, and a
/// vector is a row on the left and a column on the right.
template <template <typename> class Product>
void matmul_by(Call& call) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  if (a.dtype() != b.dtype()) call.fail("the inputs' dtypes differ");
  if (a.rank() == 0 || b.rank() == 0) call.fail("a scalar cannot be multiplied");
  Shape left = a.shape();
  Shape right = b.shape();
  if (a.rank() == 1) left.insert(left.begin(), 1);
  if (b.rank() == 1) right.push_back(1);
  const int64_t rows = left[left.size() - 2];
  const int64_t depth = left.back();
  const int64_t columns = right.back();
  if (right[right.size() - 2] != depth) call.fail("the inner dimensions differ");
  left.resize(left.size() - 2);
  right.resize(right.size() - 2);
  const auto batch = broadcast(left, right);
  if (!batch) call.fail("the batch dimensions do not broadcast to one");
  Shape shape = *batch;
  if (a.rank() > 1) shape.push_back(rows);
  if (b.rank() > 1) shape.push_back(columns);
  Tensor& y = call.output(0, a.dtype(), shape);
  if (y.size() == 0) return;
  Walk<2> at(*batch, {broadcast_strides(left, *batch), broadcast_strides(right, *batch)});
  call.dispatch(a.dtype(), MatrixTypes{}, [&]<typename T>() {
    T* to = y.values<T>();
    for (; at.more(); at.next()) {
      const Matrix<T> first{a.values<T>() + at[0] * rows * depth, rows, depth, depth, 1};
      const Matrix<T> second{b.values<T>() + at[1] * depth * columns, depth, columns, columns, 1};
      Product<T> product(call, first, second);
      for (int64_t i = 0; i < rows; ++i) {
        for (const Sum<T> sum : product.row(i)) *to++ = narrow<T>(sum);
      }
    }
  });
}

/// y = alpha * a * b + beta * c; c broadcasts to [rows, columns] and is optional from operator set
/// 11 on. Integers are scaled in double.
template <template <typename> class Product>
void gemm_by(Call& call) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  if (a.rank() != 2 || b.rank() != 2) call.fail("the inputs must be matrices");
  if (a.dtype() != b.dtype()) call.fail("the inputs' dtypes differ");
  const bool a_transposed = call.int_or("transA", 0) != 0;
  const bool b_transposed = call.int_or("transB", 0) != 0;
  const int64_t rows = a.dim(a_transposed ? 1 : 0);
  const int64_t depth = a.dim(a_transposed ? 0 : 1);
  const int64_t columns = b.dim(b_transposed ? 0 : 1);
  if (b.dim(b_transposed ? 1 : 0) != depth) call.fail("the inner dimensions differ");
  const Shape shape{rows, columns};
  const Tensor* c = call.has_input(2) ? &call.input(2) : nullptr;
  if (c != nullptr && (c->dtype() != a.dtype() || broadcast(c->shape(), shape) != shape)) {
    call.fail("c does not broadcast to " + onnx::shape_text(shape));
  }
  const double alpha = call.float_or("alpha", 1);
  const double beta = call.float_or("beta", 1);
  Tensor& y = call.output(0, a.dtype(), shape);
  if (y.size() == 0) return;
  const Strides c_strides = c != nullptr ? broadcast_strides(c->shape(), shape) : Strides{0, 0};
  call.dispatch(a.dtype(), MatrixTypes{}, [&]<typename T>() {
    const Matrix<T> first{a.values<T>(), rows, depth, a_transposed ? 1 : depth,
                          a_transposed ? rows : 1};
    const Matrix<T> second{b.values<T>(), depth, columns, b_transposed ? 1 : columns,
                           b_transposed ? depth : 1};
    Product<T> product(call, first, second);
    T* to = y.values<T>();
    for (int64_t i = 0; i < rows; ++i) {
      const auto sums = product.row(i);
      for (int64_t j = 0; j < columns; ++j) {
        double value = alpha * static_cast<double>(narrow<Wide<T>>(sums[static_cast<size_t>(j)]));
        if (c != nullptr) {
          const T* added = c->values<T>() + i * c_strides[0] + j * c_strides[1];
          value += beta * static_cast<double>(widen(*added));
        }
        *to++ = float_to<T>(value);
      }
    }
  });
}

}  // namespace

void matmul(Call& call) { matmul_by<LoopProduct>(call); }
void matmul_eigen(Call& call) { matmul_by<FastProduct>(call); }
void gemm(Call& call) { gemm_by<LoopProduct>(call); }
void gemm_eigen(Call& call) { gemm_by<FastProduct>(call); }

}  // namespace xpuruntime::reference

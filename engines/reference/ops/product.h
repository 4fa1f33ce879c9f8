// SPDX-License-Identifier: Apache-2.0
/// Products of matrices: the part of MatMul, Gemm and Conv that can be done in more ways than one.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "call.h"

namespace xpuruntime::reference {

/// A matrix that may be read transposed.
template <typename T>
struct Matrix {
  const T* data;
  int64_t rows;
  int64_t columns;
  int64_t row_stride;
  int64_t column_stride;

  Sum<T> at(int64_t row, int64_t column) const {
    return static_cast<Sum<T>>(widen(data[row * row_stride + column * column_stride]));
  }
};

/// c [rows, columns] = a [rows, depth] times b [depth, columns], dense and row-major, by Eigen on
/// the calling thread.
void multiply_dense(const double* a, const double* b, double* c, int64_t rows, int64_t depth,
                    int64_t columns);

/// a times b row by row, in loops.
template <typename T>
class LoopProduct {
 public:
  LoopProduct(const Call&, const Matrix<T>& a, const Matrix<T>& b)
      : a_(a), b_(b), sums_(static_cast<size_t>(b.columns)) {}

  /// Valid until the next call.
  std::span<const Sum<T>> row(int64_t i) {
    std::ranges::fill(sums_, Sum<T>{});
    for (int64_t k = 0; k < a_.columns; ++k) {
      const Sum<T> factor = a_.at(i, k);
      for (size_t j = 0; j < sums_.size(); ++j) {
        sums_[j] += factor * b_.at(k, static_cast<int64_t>(j));
      }
    }
    return sums_;
  }

 private:
  const Matrix<T> a_, b_;
  std::vector<Sum<T>> sums_;
};

/// The same at once, in double as well: sums differ by their order alone.
template <typename T>
class EigenProduct {
 public:
  EigenProduct(const Call& call, const Matrix<T>& a, const Matrix<T>& b)
      : product_(call.scratch(DType::kDouble, {a.rows, b.columns})) {
    const Tensor left = dense(call, a);
    const Tensor right = dense(call, b);
    multiply_dense(left.values<double>(), right.values<double>(), product_.values<double>(), a.rows,
                   a.columns, b.columns);
  }

  std::span<const double> row(int64_t i) const {
    const auto columns = static_cast<size_t>(product_.dim(1));
    return {product_.values<double>() + i * product_.dim(1), columns};
  }

 private:
  static Tensor dense(const Call& call, const Matrix<T>& from) {
    Tensor to = call.scratch(DType::kDouble, {from.rows, from.columns});
    double* at = to.values<double>();
    for (int64_t i = 0; i < from.rows; ++i) {
      for (int64_t j = 0; j < from.columns; ++j) *at++ = from.at(i, j);
    }
    return to;
  }

  Tensor product_;
};

/// Eigen where it computes as the loops do: whole numbers wrap around in loops alone.
template <typename T>
using FastProduct = std::conditional_t<kIsFloat<T>, EigenProduct<T>, LoopProduct<T>>;

}  // namespace xpuruntime::reference

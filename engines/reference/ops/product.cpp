// SPDX-License-Identifier: Apache-2.0
#include "product.h"

// Threads are the session's to give, and this engine's runs have one.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Core>

namespace xpuruntime::reference {

void multiply_dense(const double* a, const double* b, double* c, int64_t rows, int64_t depth,
                    int64_t columns) {
  using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Dense> left(a, rows, depth);
  const Eigen::Map<const Dense> right(b, depth, columns);
  Eigen::Map<Dense>(c, rows, columns).noalias() = left * right;
}

}  // namespace xpuruntime::reference

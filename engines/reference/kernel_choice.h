// SPDX-License-Identifier: Apache-2.0
/// Operators that have several kernels, and which of them a model is run with.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "ops/ops.h"

namespace xpuruntime::reference {

struct NamedKernel {
  std::string_view op;
  std::string_view name;
  Kernel kernel;
};

/// By operator. Those called "naive" are what the table of operators has: the oracle.
std::span<const NamedKernel> named_kernels();

/// What was chosen, by operator; all others are run as the table of operators says.
using KernelChoice = std::map<std::string, NamedKernel, std::less<>>;

/// Reads an object of operators and kernels such as {"MatMul": "eigen"}; "" is an empty one. Throws
/// engine::Failure: XPURT_INVALID_ARGUMENT for what is no such object, XPURT_UNSUPPORTED_OPERATION
/// with the known ones for an operator or a kernel that there is not.
KernelChoice read_kernel_choice(std::string_view json);

}  // namespace xpuruntime::reference

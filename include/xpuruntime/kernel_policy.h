// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xpuruntime/export.h"

namespace xpuruntime {

/// Which kernel computes an operator, where an engine has several for one: {{"MatMul", "eigen"}}.
/// Operators that it does not name are left to the engine. Which there are is the engine's to know:
/// it refuses others when a model is loaded.
class XPURT_API KernelPolicy {
 public:
  KernelPolicy() = default;
  /// Throws InvalidArgumentError for an empty name.
  KernelPolicy(std::initializer_list<std::pair<std::string, std::string>> kernels);
  explicit KernelPolicy(const std::map<std::string, std::string>& kernels);

  /// Replaces what was chosen for that operator. Throws InvalidArgumentError for an empty name.
  KernelPolicy& set(const std::string& op, const std::string& kernel);
  /// Nothing where the engine chooses.
  std::optional<std::string> get(std::string_view op) const;
  /// Takes over all choices of `other`; where both have one, that of `other` holds.
  KernelPolicy& merge(const KernelPolicy& other);

  bool empty() const noexcept { return kernels_.empty(); }
  /// Kernels by operator.
  const std::map<std::string, std::string, std::less<>>& kernels() const noexcept {
    return kernels_;
  }

  /// An object of operators and kernels, in the order of the operators.
  std::string to_json() const;
  /// Throws InvalidArgumentError for what is not such an object, or names an operator twice.
  static KernelPolicy from_json(std::string_view json);

  bool operator==(const KernelPolicy&) const = default;

 private:
  std::map<std::string, std::string, std::less<>> kernels_;
};

}  // namespace xpuruntime

// SPDX-License-Identifier: Apache-2.0
#include "kernel_choice.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "xpuruntime/engine/nearest.h"

namespace xpuruntime::reference {
namespace {

using engine::Failure;

constexpr NamedKernel kNamedKernels[] = {
    {"Conv", "eigen", conv_eigen}, {"Conv", "naive", conv},           {"Gemm", "eigen", gemm_eigen},
    {"Gemm", "naive", gemm},       {"MatMul", "eigen", matmul_eigen}, {"MatMul", "naive", matmul},
};

/// Throws; `names` may hold one several times in a row.
[[noreturn]] void unknown(const std::string& what, std::string_view name,
                          std::vector<std::string_view> names) {
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string known;
  for (const std::string_view each : names) {
    known += (known.empty() ? "" : ", ") + std::string(each);
  }
  throw Failure(XPURT_UNSUPPORTED_OPERATION, "kernel policy: " + what + " '" + std::string(name) +
                                                 "'; it has: " + known +
                                                 engine::did_you_mean(name, names));
}

const NamedKernel& find(std::string_view op, std::string_view kernel) {
  std::vector<std::string_view> ops, kernels;
  for (const NamedKernel& each : kNamedKernels) {
    ops.push_back(each.op);
    if (each.op != op) continue;
    if (each.name == kernel) return each;
    kernels.push_back(each.name);
  }
  if (kernels.empty()) unknown("engine reference has no kernels to choose from for", op, ops);
  unknown("engine reference has no kernel for " + std::string(op) + " that is called", kernel,
          kernels);
}

}  // namespace

std::span<const NamedKernel> named_kernels() { return kNamedKernels; }

KernelChoice read_kernel_choice(std::string_view json) {
  KernelChoice choice;
  if (json.empty()) return choice;
  const auto refuse = [&] {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "kernel policy: expected JSON such as {\"MatMul\": \"eigen\"}, got '" +
                      std::string(json) + "'");
  };
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) refuse();
  for (const auto& [op, kernel] : parsed.items()) {
    if (!kernel.is_string()) refuse();
    choice.emplace(op, find(op, kernel.get_ref<const std::string&>()));
  }
  return choice;
}

}  // namespace xpuruntime::reference
